using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Rotates the two halves of each head's vectors: (a, b) to (a·cos − b·sin, b·cos + a·sin), each half with its own part of the
/// tables.
/// </summary>
internal static unsafe class HalfRotationKernel
{
    /// <summary>Whether the kernel may be used in place.</summary>
    public static bool Fits(Tensor x, Tensor cos, Tensor sin) =>
        Takes(x, cos, sin) && !Kernel.IsRecorded(x, cos, sin);

    /// <summary>Whether the kernel may be used from one tensor to another, recorded or not.</summary>
    public static bool Takes(Tensor x, Tensor cos, Tensor sin) =>
        x.dim() == 4 && x.shape[3] / 2 >= Kernel.Lanes && x.shape[3] % 2 == 0
        && cos.dim() == 4 && cos.shape[0] == x.shape[0] && cos.shape[1] == x.shape[1] && cos.shape[2] == 1
        && cos.is_contiguous() && sin.is_contiguous() && Kernel.Takes(Kernel.Lanes, x, cos, sin);

    /// <summary>Rotates.</summary>
    /// <param name="x">[batch, tokens, heads, width], its last dimension dense.</param>
    /// <param name="cos">[batch, tokens, 1, width], dense.</param>
    /// <param name="sin">The same of sines.</param>
    /// <param name="target">Of x's shape, its last dimension dense; may be x.</param>
    /// <param name="back">Whether to apply the transposed rotation, as the backward pass does.</param>
    public static void Run(Tensor x, Tensor cos, Tensor sin, Tensor target, bool back = false)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, cos, sin, target, back);
        }
        else
        {
            Run<Float32Element>(x, cos, sin, target, back);
        }
    }

    private static void Run<T>(Tensor x, Tensor cos, Tensor sin, Tensor target, bool back)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], heads = x.shape[2], width = x.shape[3];
        (long Batch, long Token, long Head) from = (x.stride(0), x.stride(1), x.stride(2)), to = (target.stride(0), target.stride(1), target.stride(2));
        var data = (T*)NativeTensors.Data(x);
        var turned = (T*)NativeTensors.Data(target);
        var cosines = (T*)NativeTensors.Data(cos);
        var sines = (T*)NativeTensors.Data(sin);
        KernelThreads.Run(x.shape[0] * tokens, heads * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                T* vectors = data + (batch * from.Batch) + (token * from.Token), results = turned + (batch * to.Batch) + (token * to.Token);
                for (long head = 0; head < heads; head++)
                {
                    Turn(vectors + (head * from.Head), cosines + (row * width), sines + (row * width), results + (head * to.Head), width / 2, back);
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<T>(T* x, T* cos, T* sin, T* target, long half, bool back)
        where T : unmanaged, IElement<T>
    {
        // The last vector overlaps the one before it where the half is not a multiple; so it is read before that is written.
        long last = half - Kernel.Lanes;
        Vector512<float> lastA = T.Load(x + last), lastB = T.Load(x + half + last);
        for (long i = 0; i < last; i += Kernel.Lanes)
        {
            Turn(cos + i, sin + i, target + i, half, T.Load(x + i), T.Load(x + half + i), back);
        }

        Turn(cos + last, sin + last, target + last, half, lastA, lastB, back);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn<T>(T* cos, T* sin, T* target, long half, Vector512<float> a, Vector512<float> b, bool back)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> sinA = T.Load(sin), sinB = T.Load(sin + half);
        (sinA, sinB) = back ? (-sinB, -sinA) : (sinA, sinB);
        T.Store(target, (a * T.Load(cos)) - (b * sinA));
        T.Store(target + half, (b * T.Load(cos + half)) + (a * sinB));
    }
}
