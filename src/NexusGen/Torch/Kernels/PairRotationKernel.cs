using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// What stands between FLUX's projection to queries, keys and values and attention: the root-mean-square norm of each head's
/// queries and keys, their rotation by neighbouring pairs, and the move to [batch, heads, tokens, width], in one pass.
/// </summary>
internal static unsafe class PairRotationKernel
{
    private static readonly Vector512<float> Signs = Vector512.Create(-1f, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1);

    /// <summary>Where one stream's queries, keys and values come from, and how they are normed.</summary>
    /// <param name="Qkv">[batch, tokens, at least 3·heads·width]: queries, keys, values, then whatever else.</param>
    /// <param name="QueryWeight">[width].</param>
    /// <param name="KeyWeight">[width].</param>
    public readonly record struct Stream(Tensor Qkv, Tensor QueryWeight, Tensor KeyWeight);

    /// <summary>Queries, keys and values of several streams, one after the other as one sequence.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="cos">[batch or 1, 1, tokens, width], float32, each number twice.</param>
    /// <param name="sin">The same of sines.</param>
    /// <param name="heads">How many heads there are.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>Three tensors [batch, heads, tokens, width].</returns>
    public static (Tensor Q, Tensor K, Tensor V) Run(ReadOnlySpan<Stream> streams, Tensor cos, Tensor sin, int heads, float epsilon)
    {
        Tensor first = streams[0].Qkv;
        long tokens = 0;
        foreach (Stream stream in streams)
        {
            tokens += stream.Qkv.shape[1];
        }

        Tensor New() => empty([first.shape[0], heads, tokens, cos.shape[^1]], dtype: first.dtype);
        (Tensor Q, Tensor K, Tensor V) output = (New(), New(), New());
        long start = 0;
        foreach (Stream stream in streams)
        {
            if (first.dtype == ScalarType.BFloat16)
            {
                Run<BFloat16Element>(stream, cos, sin, output, start, epsilon);
            }
            else
            {
                Run<Float32Element>(stream, cos, sin, output, start, epsilon);
            }

            start += stream.Qkv.shape[1];
        }

        return output;
    }

    private static void Run<T>(Stream stream, Tensor cos, Tensor sin, (Tensor Q, Tensor K, Tensor V) output, long start, float epsilon)
        where T : unmanaged, IElement<T>
    {
        Tensor qkv = stream.Qkv;
        long tokens = qkv.shape[1], heads = output.Q.shape[1], all = output.Q.shape[2], width = output.Q.shape[3];
        var source = (T*)NativeTensors.Data(qkv);
        var queryWeight = (T*)NativeTensors.Data(stream.QueryWeight);
        var keyWeight = (T*)NativeTensors.Data(stream.KeyWeight);
        var cosines = (float*)NativeTensors.Data(cos);
        var sines = (float*)NativeTensors.Data(sin);
        var q = (T*)NativeTensors.Data(output.Q);
        var k = (T*)NativeTensors.Data(output.K);
        var v = (T*)NativeTensors.Data(output.V);
        long batchStride = qkv.stride(0), tokenStride = qkv.stride(1), angleStride = cos.shape[0] == 1 ? 0 : all * width;
        KernelThreads.Run(qkv.shape[0] * tokens, 3 * heads * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                T* x = source + (batch * batchStride) + (token * tokenStride);
                long place = start + token, angle = (batch * angleStride) + (place * width);
                for (long head = 0; head < heads; head++)
                {
                    long target = ((((batch * heads) + head) * all) + place) * width;
                    Turn(x + (head * width), queryWeight, cosines + angle, sines + angle, q + target, width, epsilon);
                    Turn(x + ((heads + head) * width), keyWeight, cosines + angle, sines + angle, k + target, width, epsilon);
                    Buffer.MemoryCopy(x + (((2 * heads) + head) * width), v + target, width * sizeof(T), width * sizeof(T));
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
