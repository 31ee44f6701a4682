using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>What is measured: the processor, or the device named behind <c>--device</c>.</summary>
internal static class Machine
{
    /// <summary>Where both ways compute.</summary>
    public static Device Device { get; private set; } = CPU;

    /// <summary>Takes <c>--device NAME</c> out of the arguments.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>What is left of it.</returns>
    public static string[] Choose(string[] args)
    {
        int at = Array.IndexOf(args, "--device");
        if (at < 0 || at + 1 == args.Length)
        {
            return args;
        }

        Device = Devices.Open(args[at + 1]);
        return [.. args[..at], .. args[(at + 2)..]];
    }

    /// <summary>A placement on the device.</summary>
    public static Placement At(ScalarType precision) => new(Device, precision);

    /// <summary>Waits until the device has done all that it was asked to: work on a GPU is only queued by the call.</summary>
    public static void Wait()
    {
        if (Device.type == TorchSharp.DeviceType.CUDA)
        {
            cuda.synchronize(Device);
        }
    }
}
