using System.Reflection;
using System.Runtime.InteropServices;
using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Torch.Native;

/// <summary>
/// Loads libtorch once a process, and turns the failures that TorchSharp disguises into one sentence. Everything that calls
/// libtorch by itself goes through here first.
/// </summary>
public static class NativeRuntime
{
    private static readonly Lazy<bool> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Loads libtorch if that has not happened yet.</summary>
    /// <exception cref="NexusGenException">The native libraries are missing or can't be loaded on this system.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>
    /// How many threads one operator may use, for the whole process. libtorch starts with one a physical core.
    /// </summary>
    public static int Threads
    {
        get
        {
            EnsureLoaded();
            return get_num_threads();
        }

        set
        {
            EnsureLoaded();
            set_num_threads(value);
        }
    }

    /// <summary>Where libtorch keeps the severity from which on it speaks on standard error; 0 where that can't be found.</summary>
    internal static nint LogLevel =>
        Find("c10", typeof(NativeRuntime).Assembly, null) is not 0 and var library && NativeLibrary.TryGetExport(library, "FLAGS_caffe2_log_level", out nint level) ? level : 0;

    private static bool Load()
    {
        SpinLimit.Set();
        try
        {
            // The first tensor makes TorchSharp load its libraries; an import by their names then finds those copies.
            using Tensor one = ones(1);
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new NexusGenException(
                "libtorch could not be loaded: the native files of the package TorchSharp-cpu (or -cuda) must stand beside the "
                + "program; rebuild it for this system.",
                e);
        }

        NativeLibrary.SetDllImportResolver(typeof(NativeRuntime).Assembly, Resolve);
        Hush();
        return true;
    }

    // What libtorch can't use on a processor, NNPACK for instance, it says at every convolution, on standard error: nothing that a
    // user could act on. Errors are still told, and who asks for warnings by libtorch's own variable gets them.
    private static void Hush()
    {
        const int warning = 1, error = 2;
        if (Environment.GetEnvironmentVariable("TORCH_CPP_LOG_LEVEL") is null && LogLevel is not 0 and var level && Marshal.ReadInt32(level) == warning)
        {
            Marshal.WriteInt32(level, error);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is "torch_cpu" or "LibTorchSharp" ? Find(name, assembly, path) : 0;

    // The libraries are loaded by then. Their files may stand in the program's folder or under runtimes/<system>/native, where the
    // ordinary search by name does not look, so ask the place that TorchSharp took them from.
    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string file = OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
        string[] folders =
        [
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location) ?? "",
        ];
        foreach (string folder in folders)
        {
            if (NativeLibrary.TryLoad(Path.Combine(folder, file), out nint handle))
            {
                return handle;
            }
        }

        return NativeLibrary.TryLoad(file, assembly, path, out nint found) ? found : 0;
    }
}
