using System.Runtime.Intrinsics.X86;
using NexusGen.Core;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>Opens the devices of this machine that this build of libtorch supports.</summary>
internal static class Devices
{
    /// <summary>Gets a device by its name.</summary>
    /// <param name="name">The name: cpu, cuda, cuda:1 or mps.</param>
    /// <exception cref="NexusGenException">The device does not exist or is not available; the message says why.</exception>
    public static Device Open(string name)
    {
        NativeRuntime.EnsureLoaded();
        if (name == "cpu")
        {
            return CPU;
        }

        bool cudaWanted = name == "cuda" || name.StartsWith("cuda:", StringComparison.Ordinal);
        if (!cudaWanted && name != "mps")
        {
            throw new NexusGenException($"Unknown device \"{name}\"; choose cpu, cuda, cuda:1 or mps.");
        }

        // Asking for availability makes TorchSharp load the device's libraries. It throws if they are missing.
        try
        {
            bool isThere = cudaWanted ? cuda.is_available() && device(name).index < cuda.device_count() : mps_is_available();
            if (isThere)
            {
                if (cudaWanted)
                {
                    KeepFloat32();
                }

                return device(name);
            }
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException or FormatException
            or DllNotFoundException or System.Runtime.InteropServices.ExternalException)
        {
            throw new NexusGenException(Missing(name, cudaWanted), e);
        }

        throw new NexusGenException(Missing(name, cudaWanted));
    }

    /// <summary>
    /// Whether a device computes matrix products in bfloat16 about as fast as in float32. oneDNN's need AVX-512; on other
    /// processors libtorch falls back to plain loops.
    /// </summary>
    /// <param name="device">The device.</param>
    public static bool ComputesBFloat16(Device device) =>
        device.type != TorchSharp.DeviceType.CPU || (Avx512BW.IsSupported && Avx512DQ.VL.IsSupported);

    // By default, cuDNN's convolutions round float32 to a mantissa of 10 bits (TF32). Here float32 means float32; bfloat16 is the
    // choice for speed.
    private static void KeepFloat32()
    {
        backends.cudnn.allow_tf32 = false;
        backends.cuda.matmul.allow_tf32 = false;
    }

    private static string Missing(string name, bool cudaWanted) => cudaWanted
        ? $"The device \"{name}\" is not available: this build or machine has no CUDA "
            + "(build with -p:NexusGenDevice=cuda on a machine with a GPU)."
        : $"The device \"{name}\" is not available: this machine has no Metal.";
}
