using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// What to measure: the processor, or the device named after <c>--device</c>; models in bfloat16, or in float32 with
/// <c>--float32</c>; their linear layers dense, or in the format named after <c>--weights</c>.
/// </summary>
internal static class Machine
{
    /// <summary>Gets the device on which both variants compute.</summary>
    public static Device Device { get; private set; } = CPU;

    /// <summary>Gets the precision of the models and of their floors.</summary>
    public static ScalarType Precision { get; private set; } = ScalarType.BFloat16;

    /// <summary>Gets the storage format of the models' linear layers. Floors are dense.</summary>
    public static LinearFormat Format { get; private set; } = DenseFormat.Instance;

    /// <summary>Gets what follows the name of a benchmark: the format, unless it is dense.</summary>
    public static string Suffix => Format == DenseFormat.Instance ? "" : $", {Format.Name}";

    /// <summary>Removes the options from the arguments and applies them.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The remaining arguments.</returns>
    public static string[] Choose(string[] args)
    {
        List<string> names = [];
        for (int i = 0; i < args.Length; i++)
        {
            string? next = i + 1 < args.Length ? args[i + 1] : null;
            if (args[i] == "--float32")
            {
                Precision = ScalarType.Float32;
            }
            else if (args[i] == "--device" && next is not null)
            {
                Device = Devices.Open(next);
                i++;
            }
            else if (args[i] == "--weights" && next is not null && WeightFormats.TryParse(next, out WeightFormats? formats))
            {
                Format = formats.Decoders;
                i++;
            }
            else
            {
                names.Add(args[i]);
            }
        }

        return [.. names];
    }

    /// <summary>Returns the options for loading a model in the format and precision to measure.</summary>
    public static LoadOptions Options => new(At(Precision)) { LinearFormat = Format };

    /// <summary>Returns the options for loading a model as dense matrices.</summary>
    public static LoadOptions Dense => new(At(Precision));

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
