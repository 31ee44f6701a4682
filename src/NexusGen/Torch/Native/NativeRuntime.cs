using System.Reflection;
using System.Runtime.InteropServices;
using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Torch.Native;

/// <summary>
/// Loads libtorch once per process and turns the loading failures that TorchSharp disguises into one sentence. All code that
/// calls libtorch directly calls <see cref="EnsureLoaded"/> first.
/// </summary>
internal static class NativeRuntime
{
    private static readonly Lazy<bool> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Loads libtorch unless it is loaded already.</summary>
    /// <exception cref="NexusGenException">The native libraries are missing or can't be loaded on this system.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>
    /// Gets or sets how many threads one operator may use, for the entire process. libtorch starts with one per physical core.
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

    /// <summary>
    /// Gets the address of the minimum severity that libtorch logs to standard error, or 0 if it can't be found.
    /// </summary>
    internal static nint LogLevel =>
        Find("c10", typeof(NativeRuntime).Assembly, null) is not 0 and var library
            && NativeLibrary.TryGetExport(library, "FLAGS_caffe2_log_level", out nint level)
                ? level
                : 0;

    private static bool Load()
    {
        SpinLimit.Set();
        MatrixProductMode.Set();
        try
        {
            // The first tensor makes TorchSharp load its libraries; an import by name then finds the loaded copies.
            using Tensor one = ones(1);
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException
            or BadImageFormatException)
        {
            throw new NexusGenException(
                "libtorch could not be loaded: the native files of the package TorchSharp-cpu (or -cuda) must be next to the "
                + "program; rebuild it for this system.",
                e);
        }

        NativeLibrary.SetDllImportResolver(typeof(NativeRuntime).Assembly, Resolve);
        SuppressWarnings();
        return true;
    }

    // At every convolution, libtorch logs what it can't use on this processor, NNPACK for example, to standard error; a user
    // can't act on that. Errors are still logged, and libtorch's own variable turns the warnings on again.
    private static void SuppressWarnings()
    {
        const int warning = 1, error = 2;
        if (Environment.GetEnvironmentVariable("TORCH_CPP_LOG_LEVEL") is null
            && LogLevel is not 0 and var level
            && Marshal.ReadInt32(level) == warning)
        {
            Marshal.WriteInt32(level, error);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is "torch_cpu" or "LibTorchSharp" ? Find(name, assembly, path) : 0;

    // The libraries are loaded by now. Their files may be in the program's folder or in runtimes/<system>/native, which the
    // ordinary search by name does not cover, so search the folders that TorchSharp loads them from.
    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string file = OperatingSystem.IsWindows() ? name + ".dll"
            : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
            : $"lib{name}.so";
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
