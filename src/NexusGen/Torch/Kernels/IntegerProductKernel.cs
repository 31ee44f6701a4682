using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Converts the integer sums of a product of quantized matrices to floating-point results.</summary>
internal static unsafe class IntegerProductKernel
{
    /// <summary>
    /// Computes sum · rowScale · columnScale + bias. What the kernel does not support is computed by ATen's operators.
    /// </summary>
    /// <param name="sums">[rows, columns], int32, contiguous.</param>
    /// <param name="rowScales">[rows], float32.</param>
    /// <param name="columnScales">[columns], float32.</param>
    /// <param name="bias">[columns] in the type of the result, or null.</param>
    /// <param name="type">The type of the result.</param>
    /// <returns>[rows, columns].</returns>
    public static Tensor Run(Tensor sums, Tensor rowScales, Tensor columnScales, Tensor? bias, ScalarType type)
    {
        if (sums.device_type != TorchSharp.DeviceType.CPU || sums.shape[1] % Kernel.Lanes != 0
            || type is not (ScalarType.Float32 or ScalarType.BFloat16))
        {
            return Compose(sums, rowScales, columnScales, bias, type);
        }

        Tensor output = empty(sums.shape, dtype: type);
        if (type == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(sums, rowScales, columnScales, bias, output);
        }
        else
        {
            Run<Float32Element>(sums, rowScales, columnScales, bias, output);
        }

        return output;
    }

    private static Tensor Compose(Tensor sums, Tensor rowScales, Tensor columnScales, Tensor? bias, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor values = sums.to(ScalarType.Float32) * rowScales.unsqueeze(1) * columnScales;
        return (bias is null ? values : values.Plus(bias.to(ScalarType.Float32))).to(type).MoveToOuterDisposeScope();
    }

    private static void Run<T>(Tensor sums, Tensor rowScales, Tensor columnScales, Tensor? bias, Tensor output)
        where T : unmanaged, IElement<T>
    {
        long columns = sums.shape[1];
        int* from = (int*)NativeTensors.Data(sums);
        float* rows = (float*)NativeTensors.Data(rowScales), scales = (float*)NativeTensors.Data(columnScales);
        T* addend = bias is null ? null : (T*)NativeTensors.Data(bias);
        var to = (T*)NativeTensors.Data(output);
        KernelThreads.Run(sums.shape[0], columns, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                Row(from + (row * columns), rows[row], scales, addend, to + (row * columns), columns);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(int* sums, float rowScale, float* scales, T* bias, T* target, long columns)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> factor = Vector512.Create(rowScale);
        for (long i = 0; i < columns; i += Kernel.Lanes)
        {
            Vector512<float> value = Vector512.ConvertToSingle(Vector512.Load(sums + i)) * factor * Vector512.Load(scales + i);
            T.Store(target + i, bias is null ? value : value + T.Load(bias + i));
        }
    }
}
