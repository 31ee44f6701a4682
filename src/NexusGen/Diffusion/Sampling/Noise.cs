using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>Noise from PyTorch's CPU generator: the same seed gives the same picture on every device.</summary>
public static class Noise
{
    /// <summary>Normal noise.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="type">Its type, the model's.</param>
    /// <returns>A tensor on the CPU.</returns>
    public static Tensor Draw(ulong seed, ReadOnlySpan<long> shape, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);

        // What PyTorch draws in 16 bits are its float32 numbers, rounded. This libtorch would draw others.
        return empty(shape.ToArray(), dtype: ScalarType.Float32).normal_(0, 1, generator).to(type).MoveToOuterDisposeScope();
    }
}
