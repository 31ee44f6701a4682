using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Converts float32 to bfloat16, rounding to the nearest, and back. Runs on the calling thread only.</summary>
internal static unsafe class ConversionKernel
{
    /// <summary>Whether the kernel converts between these types.</summary>
    public static bool Supports(ScalarType from, ScalarType to) =>
        (from, to) is (ScalarType.Float32, ScalarType.BFloat16) or (ScalarType.BFloat16, ScalarType.Float32);

    /// <summary>Converts to the other of the two types.</summary>
    /// <param name="from">The type of the source.</param>
    /// <param name="source">The elements to convert.</param>
    /// <param name="target">The memory that receives the converted elements.</param>
    /// <param name="count">The number of elements.</param>
    public static void Run(ScalarType from, byte* source, byte* target, long count)
    {
        if (from == ScalarType.Float32)
        {
            Convert((Float32Element*)source, (BFloat16Element*)target, count);
        }
        else
        {
            Convert((BFloat16Element*)source, (Float32Element*)target, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert<TFrom, TTo>(TFrom* source, TTo* target, long count)
        where TFrom : unmanaged, IElement<TFrom>
        where TTo : unmanaged, IElement<TTo>
    {
        long whole = count / Kernel.Lanes * Kernel.Lanes;
        for (long i = 0; i < whole; i += Kernel.Lanes)
        {
            TTo.Store(target + i, TFrom.Load(source + i));
        }

        if (whole == count)
        {
            return;
        }

        TFrom* last = stackalloc TFrom[Kernel.Lanes];
        TTo* converted = stackalloc TTo[Kernel.Lanes];
        new ReadOnlySpan<TFrom>(source + whole, (int)(count - whole)).CopyTo(new Span<TFrom>(last, Kernel.Lanes));
        TTo.Store(converted, TFrom.Load(last));
        new ReadOnlySpan<TTo>(converted, (int)(count - whole)).CopyTo(new Span<TTo>(target + whole, Kernel.Lanes));
    }
}
