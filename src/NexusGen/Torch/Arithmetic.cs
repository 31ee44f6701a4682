using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>
/// Sums, squares and ranges. TorchSharp's own make a <see cref="Scalar"/> inside that nobody holds while libtorch reads it (see
/// <see cref="Scalars"/>), and are banned; here the few numbers that these need are held for good.
/// </summary>
internal static class Arithmetic
{
#pragma warning disable RS0030 // Held for good.
    private static readonly Scalar Zero = 0L.ToScalar(), One = 1L.ToScalar(), Two = 2L.ToScalar();
#pragma warning restore RS0030

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a + b.</summary>
    /// <param name="a">Any tensor.</param>
    /// <param name="b">From <see cref="Scalars"/>.</param>
    public static Tensor Plus(this Tensor a, Scalar b) => a.add(b, One);

    /// <summary>a += b, in a's memory.</summary>
    /// <returns>a.</returns>
    public static Tensor AddInPlace(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>a².</summary>
    public static Tensor Squared(this Tensor a) => a.pow(Two);

    /// <summary>0, 1, … up to a count, without it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="type">Their type.</param>
    /// <param name="device">Where they lie; the CPU where null.</param>
    /// <returns>[count].</returns>
    public static Tensor Range(long count, ScalarType type = ScalarType.Int64, Device? device = null) =>
        arange(Zero, Scalars.Of(count), dtype: type, device: device);
}
