using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>The device and the floating-point type in which a component of the model computes.</summary>
/// <param name="Device">The device that holds its weights and runs its operators.</param>
/// <param name="Precision">The type of its weights and activations: float32, bfloat16 or float16.</param>
public sealed record Placement(Device Device, ScalarType Precision)
{
    /// <summary>Gets the CPU in float32, in which the reference cases are computed.</summary>
    public static Placement Reference { get; } = new(CPU, ScalarType.Float32);
}
