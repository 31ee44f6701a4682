using System.Runtime.Intrinsics.X86;

namespace NexusGen.Torch.Native;

/// <summary>
/// Makes MKL compute the same matrix product to the same bits, wherever its operands are in memory. Without this mode MKL chooses
/// its code by their alignment too, and the same request in one process differed from the next in the last digits.
/// </summary>
internal static class MatrixProductMode
{
    /// <summary>
    /// Sets the mode unless the user's environment variable sets one. Call it before libtorch is loaded. Linux on x86 only.
    /// </summary>
    public static void Set()
    {
        if (Value is { } value)
        {
            ProcessEnvironment.SetDefault("MKL_CBWR", value);
        }
    }

    private static string? Value => (Avx512F.IsSupported, Avx2.IsSupported) switch
    {
        (true, _) => "AVX512,STRICT",
        (_, true) => "AVX2,STRICT",
        _ => null,
    };
}
