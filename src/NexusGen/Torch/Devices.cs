using NexusGen.Core;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>The devices of this machine and this build of libtorch.</summary>
public static class Devices
{
    /// <summary>A device by its name.</summary>
    /// <param name="name">cpu, cuda, cuda:1 or mps.</param>
    /// <exception cref="NexusGenException">There is no such device here; the message says why.</exception>
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
            throw new NexusGenException($"There is no device \"{name}\": name cpu, cuda, cuda:1 or mps.");
        }

        // Asking is enough to make TorchSharp look for the libraries of the device, and it throws where they are missing.
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
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException or FormatException or DllNotFoundException
            or System.Runtime.InteropServices.ExternalException)
        {
            throw new NexusGenException(Missing(name, cudaWanted), e);
        }

        throw new NexusGenException(Missing(name, cudaWanted));
    }

    // cuDNN's convolutions round float32 to 10 bits of mantissa unless told otherwise; float32 here means float32, and who wants
    // speed computes in bfloat16.
    private static void KeepFloat32()
    {
        backends.cudnn.allow_tf32 = false;
        backends.cuda.matmul.allow_tf32 = false;
    }

    private static string Missing(string name, bool cudaWanted) => cudaWanted
        ? $"The device \"{name}\" is not there: this build or machine has no CUDA (build with -p:NexusGenDevice=cuda on a machine with a GPU)."
        : $"The device \"{name}\" is not there: this machine has no Metal.";
}
