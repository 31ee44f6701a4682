using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>The device and the floating-point type in which a component of the model computes.</summary>
/// <param name="Device">The device that holds its weights and runs its operators.</param>
/// <param name="Precision">The type of its weights and activations: float32, bfloat16 or float16.</param>
internal sealed record Placement(Device Device, ScalarType Precision)
{
    /// <summary>Gets the CPU in float32, in which the reference cases are computed.</summary>
    public static Placement Reference { get; } = new(CPU, ScalarType.Float32);

    /// <summary>Opens a device.</summary>
    /// <param name="device">The name of the device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="automatic">
    /// The precision that <see cref="Core.Precision.Automatic"/> stands for; bfloat16 if it is automatic too.
    /// </param>
    /// <exception cref="NexusGenException">There is no such device.</exception>
    public static Placement Open(string device, Precision precision, Precision automatic = Core.Precision.Automatic) =>
        new(Devices.Open(device), TypeOf(precision == Core.Precision.Automatic ? automatic : precision));

    private static ScalarType TypeOf(Precision precision) => precision switch
    {
        Core.Precision.Float32 => ScalarType.Float32,
        Core.Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.BFloat16,
    };
}
