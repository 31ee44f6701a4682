using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// What stands between FLUX's projections and attention: the root-mean-square norm of each head's queries or keys, and their
/// rotation by neighbouring pairs, (a, b) to (a·cos − b·sin, a·sin + b·cos), in one pass.
/// </summary>
internal static unsafe class HeadRotationKernel
{
    private static readonly Vector512<float> Signs = Vector512.Create(-1f, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1);

    /// <summary>Norms and rotates heads.</summary>
    /// <param name="x">[batch, tokens, heads, width], its last two dimensions dense.</param>
    /// <param name="weight">[width].</param>
    /// <param name="cos">[batch or 1, 1, all tokens, width], dense, float32, each number twice.</param>
    /// <param name="sin">The same of sines.</param>
    /// <param name="start">Which token of all is the first here.</param>
    /// <param name="target">As x, which it may be.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public static void Run(Tensor x, Tensor weight, Tensor cos, Tensor sin, long start, Tensor target, float epsilon)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, weight, cos, sin, start, target, epsilon);
        }
        else
        {
            Run<Float32Element>(x, weight, cos, sin, start, target, epsilon);
        }
    }

    private static void Run<T>(Tensor x, Tensor weight, Tensor cos, Tensor sin, long start, Tensor target, float epsilon)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], heads = x.shape[2], width = x.shape[3];
        var from = (T*)NativeTensors.Data(x);
        var to = (T*)NativeTensors.Data(target);
        var weights = (T*)NativeTensors.Data(weight);
        float* cosines = (float*)NativeTensors.Data(cos) + (start * width), sines = (float*)NativeTensors.Data(sin) + (start * width);
        long fromBatch = x.stride(0), fromToken = x.stride(1), toBatch = target.stride(0), toToken = target.stride(1);
        long angleBatch = cos.shape[0] == 1 ? 0 : cos.shape[2] * width;
        KernelThreads.Run(x.shape[0] * tokens, heads * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                T* source = from + (batch * fromBatch) + (token * fromToken), rotated = to + (batch * toBatch) + (token * toToken);
                long angle = (batch * angleBatch) + (token * width);
                for (long i = 0; i < heads * width; i += width)
                {
                    Turn(source + i, weights, cosines + angle, sines + angle, rotated + i, width, epsilon);
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<T>(T* x, T* weight, float* cos, float* sin, T* target, long width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> squares = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> part = T.Load(x + i);
            squares = Vector512.FusedMultiplyAdd(part, part, squares);
        }

        Vector512<float> factor = Vector512.Create(1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon));
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> normed = T.Load(x + i) * factor * T.Load(weight + i);
            Vector512<float> swapped = Vector512.Shuffle(normed, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
            T.Store(target + i, Vector512.FusedMultiplyAdd(normed, Vector512.Load(cos + i), swapped * Vector512.Load(sin + i) * Signs));
        }
    }
}
