using TorchSharp;

namespace NexusGen.Torch;

/// <summary>
/// Numbers as operands of tensors. TorchSharp hands on the native handle of a <see cref="Scalar"/> without keeping the object
/// alive, so that the garbage collector may free it before libtorch has read it: a wrong number, or an error, once in many
/// thousand calls. The last ones that a thread made are held here until long after. (Conversions that nobody holds are banned,
/// see <c>BannedSymbols.txt</c>.)
/// </summary>
internal static class Scalars
{
    private const int Count = 64;

    [ThreadStatic]
    private static Scalar[]? _held;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // Held below.
    /// <summary>A number with a fraction.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The operand; not to be kept.</returns>
    public static Scalar Of(double value) => Hold(value.ToScalar());

    /// <summary>A whole number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The operand; not to be kept.</returns>
    public static Scalar Of(long value) => Hold(value.ToScalar());

    /// <summary>A truth value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The operand; not to be kept.</returns>
    public static Scalar Of(bool value) => Hold(value.ToScalar());
#pragma warning restore RS0030

    private static Scalar Hold(Scalar scalar)
    {
        _held ??= new Scalar[Count];
        _held[_next++ & (Count - 1)] = scalar;
        return scalar;
    }
}
