using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>
/// Sums, squares and ranges of tensors. TorchSharp's own operators create a temporary <see cref="Scalar"/> that nothing keeps
/// alive while libtorch reads it (see <see cref="Scalars"/>), so they are banned. The few constants that are needed here are kept
/// alive for good.
/// </summary>
internal static class Arithmetic
{
#pragma warning disable RS0030 // Kept alive for good.
    private static readonly Scalar Zero = 0L.ToScalar(), One = 1L.ToScalar(), Two = 2L.ToScalar();
#pragma warning restore RS0030

    /// <summary>Returns a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>Returns a + b.</summary>
    /// <param name="a">Any tensor.</param>
    /// <param name="b">A scalar from <see cref="Scalars"/>.</param>
    public static Tensor Plus(this Tensor a, Scalar b) => a.add(b, One);

    /// <summary>Computes a += b in place.</summary>
    /// <returns>The tensor a.</returns>
    public static Tensor AddInPlace(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>Multiplies by a factor; by 1 at no cost.</summary>
    public static Tensor Weighted(this Tensor a, double factor) => factor == 1 ? a : a * Scalars.Of(factor);

    /// <summary>Returns a².</summary>
    public static Tensor Squared(this Tensor a) => a.pow(Two);

    /// <summary>Returns the integers from 0 to <paramref name="count"/>, exclusive.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="type">The element type.</param>
    /// <param name="device">The device, or null for the CPU.</param>
    /// <returns>[count].</returns>
    public static Tensor Range(long count, ScalarType type = ScalarType.Int64, Device? device = null) =>
        arange(Zero, Scalars.Of(count), dtype: type, device: device);
}
