using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>The gradients of the root-mean-square norm, over dense rows.</summary>
internal static unsafe class RmsNormGradientKernel
{
    // Each part of the rows has its own sum for the weight; they are added in their order, whichever thread computed them.
    private const int PartsPerThread = 4;

    /// <summary>The gradients.</summary>
    /// <param name="x">What was normed, [.., width], dense.</param>
    /// <param name="weight">[width].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="gradient">The gradient of the result, [.., width], dense.</param>
    /// <returns>Those of x and of the weight.</returns>
    public static (Tensor X, Tensor Weight) Run(Tensor x, Tensor weight, float epsilon, Tensor gradient)
    {
        Tensor ofX = empty(x.shape, dtype: x.dtype);
        Tensor ofWeight = x.dtype == ScalarType.BFloat16
            ? Run<BFloat16Element>(x, weight, epsilon, gradient, ofX)
            : Run<Float32Element>(x, weight, epsilon, gradient, ofX);
        return (ofX, ofWeight);
    }

    private static Tensor Run<T>(Tensor x, Tensor weight, float epsilon, Tensor gradient, Tensor ofX)
        where T : unmanaged, IElement<T>
    {
        long width = weight.shape[0], rows = x.NumberOfElements / width;
        long parts = Math.Clamp(rows, 1, get_num_threads() == 1 ? 1 : get_num_threads() * PartsPerThread);
        using Tensor sums = zeros([parts, width], dtype: ScalarType.Float32);
        var from = (T*)NativeTensors.Data(x);
        var weights = (T*)NativeTensors.Data(weight);
        var gradients = (T*)NativeTensors.Data(gradient);
        var to = (T*)NativeTensors.Data(ofX);
        var sum = (float*)NativeTensors.Data(sums);
        KernelThreads.Run(parts, rows / parts * width, (first, end) =>
        {
            for (long part = first; part < end; part++)
            {
                for (long row = rows * part / parts; row < rows * (part + 1) / parts; row++)
                {
                    Row(from + (row * width), weights, gradients + (row * width), to + (row * width), sum + (part * width), width, epsilon);
                }
            }
        });
        return sums.sum([0L]).to(weight.dtype);
    }

    // With r = 1/sqrt(mean(x²) + ε): r·w·g − x·r³·mean(w·g·x), and for the weight g·x·r.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* x, T* weight, T* gradient, T* target, float* ofWeight, long width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> squares = default, products = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> part = T.Load(x + i);
            squares = Vector512.FusedMultiplyAdd(part, part, squares);
            products = Vector512.FusedMultiplyAdd(part, T.Load(weight + i) * T.Load(gradient + i), products);
        }

        float factor = 1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon);
        Vector512<float> r = Vector512.Create(factor);
        Vector512<float> back = Vector512.Create(-(Vector512.Sum(products) / width * factor * factor * factor));
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> part = T.Load(x + i), rising = T.Load(gradient + i) * r;
            T.Store(target + i, Vector512.FusedMultiplyAdd(part, back, rising * T.Load(weight + i)));
            Vector512.Store(Vector512.FusedMultiplyAdd(part, rising, Vector512.Load(ofWeight + i)), ofWeight + i);
        }
    }
}
