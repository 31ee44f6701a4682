using TorchSharp;

namespace NexusGen.Torch;

/// <summary>
/// Creates scalar operands for tensor operations. TorchSharp passes on the native handle of a <see cref="Scalar"/> without
/// keeping the object alive, so the garbage collector may free it before libtorch has read it: a wrong number, or an error, once
/// in many thousand calls. The last scalars that each thread created are kept alive here. (Conversions that nothing keeps alive
/// are banned, see <c>BannedSymbols.txt</c>.)
/// </summary>
internal static class Scalars
{
    private const int Count = 64;

    [ThreadStatic]
    private static Scalar[]? _held;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // Kept alive below.
    /// <summary>Creates an operand from a floating-point number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The operand. Use it immediately and do not keep it.</returns>
    public static Scalar Of(double value) => Hold(value.ToScalar());

    /// <summary>Creates an operand from an integer.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The operand. Use it immediately and do not keep it.</returns>
    public static Scalar Of(long value) => Hold(value.ToScalar());

    /// <summary>Creates an operand from a boolean.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The operand. Use it immediately and do not keep it.</returns>
    public static Scalar Of(bool value) => Hold(value.ToScalar());
#pragma warning restore RS0030

    private static Scalar Hold(Scalar scalar)
    {
        _held ??= new Scalar[Count];
        _held[_next++ & (Count - 1)] = scalar;
        return scalar;
    }
}
