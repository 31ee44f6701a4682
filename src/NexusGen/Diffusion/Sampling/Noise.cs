using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>Noise from the CPU generator of PyTorch: the same seed produces the same noise for every device.</summary>
internal static class Noise
{
    /// <summary>Generates normal noise.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The element type, that of the model.</param>
    /// <returns>A tensor on the CPU.</returns>
    public static Tensor Draw(ulong seed, ReadOnlySpan<long> shape, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);

        // In 16 bits, PyTorch generates its float32 numbers and rounds them. The 16-bit numbers of this libtorch would differ.
        return empty(shape.ToArray(), dtype: ScalarType.Float32).normal_(0, 1, generator).to(type).MoveToOuterDisposeScope();
    }
}
