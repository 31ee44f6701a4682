using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>Where a stage of the model computes and in which floating-point type.</summary>
/// <param name="Device">The device that holds its weights and runs its operators.</param>
/// <param name="Precision">The type of its weights and activations: float32, bfloat16 or float16.</param>
public sealed record Placement(Device Device, ScalarType Precision)
{
    /// <summary>The CPU in float32: what the reference cases are computed in.</summary>
    public static Placement Reference { get; } = new(CPU, ScalarType.Float32);
}
