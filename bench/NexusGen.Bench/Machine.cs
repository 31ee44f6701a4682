using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>The device to measure: the processor, or the one named after <c>--device</c>.</summary>
internal static class Machine
{
    /// <summary>Gets the device on which both variants compute.</summary>
    public static Device Device { get; private set; } = CPU;

    /// <summary>Removes <c>--device NAME</c> from the arguments and selects the device.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The remaining arguments.</returns>
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

    /// <summary>Creates a placement on the device.</summary>
    public static Placement At(ScalarType precision) => new(Device, precision);

    /// <summary>Waits until the device has finished all its work: a call only queues work on a GPU.</summary>
    public static void Wait()
    {
        if (Device.type == TorchSharp.DeviceType.CUDA)
        {
            cuda.synchronize(Device);
        }
    }
}
