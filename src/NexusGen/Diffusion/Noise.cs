using static TorchSharp.torch;

namespace NexusGen.Diffusion;

/// <summary>Noise from PyTorch's CPU generator, drawn in the model's type: the same seed gives the same picture on every device.</summary>
public static class Noise
{
    /// <summary>Normal noise.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The type it is drawn in; another type gives other numbers.</param>
    /// <returns>A tensor on the CPU.</returns>
    public static Tensor Draw(ulong seed, ReadOnlySpan<long> shape, ScalarType type)
    {
        using var generator = new Generator(seed);
        return empty(shape.ToArray(), dtype: type).normal_(0, 1, generator);
    }
}
