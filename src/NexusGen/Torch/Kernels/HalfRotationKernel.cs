using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Rotates the two halves of each head's vectors in place: (a, b) to (a·cos − b·sin, b·cos + a·sin), each half with its own
/// part of the tables.
/// </summary>
internal static unsafe class HalfRotationKernel
{
    /// <summary>Whether the kernel may be used.</summary>
    public static bool Fits(Tensor x, Tensor cos, Tensor sin) =>
        x.dim() == 4 && x.stride(2) == x.shape[3] && x.shape[3] / 2 >= Kernel.Lanes && x.shape[3] % 2 == 0
        && cos.dim() == 4 && cos.shape[0] == x.shape[0] && cos.shape[1] == x.shape[1] && cos.shape[2] == 1
        && cos.is_contiguous() && sin.is_contiguous() && Kernel.Fits(Kernel.Lanes, x, cos, sin);

    /// <summary>Rotates.</summary>
    /// <param name="x">[batch, tokens, heads, width], its last two dimensions dense.</param>
    /// <param name="cos">[batch, tokens, 1, width], dense.</param>
    /// <param name="sin">The same of sines.</param>
    public static void Run(Tensor x, Tensor cos, Tensor sin)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, cos, sin);
        }
        else
        {
            Run<Float32Element>(x, cos, sin);
        }
    }

    private static void Run<T>(Tensor x, Tensor cos, Tensor sin)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], heads = x.shape[2], width = x.shape[3], batchStride = x.stride(0), tokenStride = x.stride(1);
        var data = (T*)NativeTensors.Data(x);
        var cosines = (T*)NativeTensors.Data(cos);
        var sines = (T*)NativeTensors.Data(sin);
        KernelThreads.Run(x.shape[0] * tokens, heads * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                T* vectors = data + (batch * batchStride) + (token * tokenStride);
                for (long i = 0; i < heads * width; i += width)
                {
                    Turn(vectors + i, cosines + (row * width), sines + (row * width), width / 2);
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<T>(T* x, T* cos, T* sin, long half)
        where T : unmanaged, IElement<T>
    {
        // The last vector overlaps the one before it where the half is not a multiple; so it is read before that is written.
        long last = half - Kernel.Lanes;
        Vector512<float> lastA = T.Load(x + last), lastB = T.Load(x + half + last);
        for (long i = 0; i < last; i += Kernel.Lanes)
        {
            Turn(x + i, cos + i, sin + i, half, T.Load(x + i), T.Load(x + half + i));
        }

        Turn(x + last, cos + last, sin + last, half, lastA, lastB);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn<T>(T* x, T* cos, T* sin, long half, Vector512<float> a, Vector512<float> b)
        where T : unmanaged, IElement<T>
    {
        T.Store(x, (a * T.Load(cos)) - (b * T.Load(sin)));
        T.Store(x + half, (b * T.Load(cos + half)) + (a * T.Load(sin + half)));
    }
}
