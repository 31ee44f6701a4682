using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>The device and the floating-point type in which a component of the model computes.</summary>
/// <param name="Device">The device that holds its weights and runs its operators.</param>
/// <param name="Precision">The type of its activations, and of its weights unless <see cref="Storage"/> is another.</param>
internal sealed record Placement(Device Device, ScalarType Precision)
{
    /// <summary>Gets the CPU in float32, in which the reference cases are computed.</summary>
    public static Placement Reference { get; } = new(CPU, ScalarType.Float32);

    /// <summary>
    /// Gets the type of the weights of linear layers and embeddings, which are nearly all of a model's memory. They are widened
    /// to <see cref="Precision"/> where they are used.
    /// </summary>
    public ScalarType Storage { get; init; } = Precision;

    /// <summary>Opens a device.</summary>
    /// <param name="device">The name of the device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="automatic">
    /// The precision that <see cref="Core.Precision.Automatic"/> stands for; bfloat16 if it is automatic too.
    /// </param>
    /// <exception cref="NexusGenException">There is no such device.</exception>
    public static Placement Open(string device, Precision precision, Precision automatic = Core.Precision.Automatic)
    {
        Device opened = Devices.Open(device);
        return Choose(opened, precision, automatic, Devices.ComputesBFloat16(opened));
    }

    /// <summary>
    /// Chooses the types for a device. On a CPU without fast products in bfloat16, libtorch takes a hundred times as long for
    /// them as in float32: weights are then kept in bfloat16 and computed with in float32, unless bfloat16 was asked for.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">The precision that was asked for.</param>
    /// <param name="automatic">As for <see cref="Open"/>.</param>
    /// <param name="computesBFloat16">Whether the device computes fast in bfloat16.</param>
    internal static Placement Choose(Device device, Precision precision, Precision automatic, bool computesBFloat16)
    {
        bool isAutomatic = precision == Core.Precision.Automatic;
        ScalarType type = TypeOf(isAutomatic ? automatic : precision);
        return isAutomatic && type == ScalarType.BFloat16 && !computesBFloat16
            ? new Placement(device, ScalarType.Float32) { Storage = type }
            : new Placement(device, type);
    }

    /// <summary>Returns the types, for instance to recognize what was computed with them.</summary>
    public override string ToString() => Storage == Precision ? $"{Precision}" : $"{Precision} from {Storage}";

    private static ScalarType TypeOf(Precision precision) => precision switch
    {
        Core.Precision.Float32 => ScalarType.Float32,
        Core.Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.BFloat16,
    };
}
