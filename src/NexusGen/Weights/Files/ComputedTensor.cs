using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files;

/// <summary>
/// Creates tensors whose values are computed in float32, piece by piece and on several threads, so that there is no second full
/// copy of a tensor that is stored in another form, wanted in another type or on another device.
/// </summary>
internal static unsafe class ComputedTensor
{
    // Small enough to stay in a core's own cache between being computed and being converted.
    private const long PieceValues = 64 << 10;

    // For types that libtorch converts, and for other devices.
    private const long StagingValues = 4 << 20;

    /// <summary>Computes consecutive values.</summary>
    /// <param name="first">The number of the first value.</param>
    /// <param name="count">The number of values.</param>
    /// <param name="target">The memory that receives them.</param>
    public delegate void Filler(long first, long count, float* target);

    /// <summary>Creates a tensor.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The element type.</param>
    /// <param name="device">The device.</param>
    /// <param name="unit">The number of values that are not parted; the number of all values is a multiple.</param>
    /// <param name="fill">Computes values; called on several threads.</param>
    /// <returns>A tensor that the caller owns.</returns>
    public static Tensor Create(ReadOnlySpan<long> shape, ScalarType type, Device device, long unit, Filler fill)
    {
        NativeRuntime.EnsureLoaded();
        using IDisposable noGradient = no_grad();
        Tensor result = empty(shape, type, device);
        try
        {
            if (device.type != TorchSharp.DeviceType.CPU || type is not (ScalarType.Float32 or ScalarType.BFloat16))
            {
                FillStaged(result, unit, fill);
                return result;
            }

            long count = result.NumberOfElements;
            byte* data = NativeTensors.Data(result);
            HugePages.Advise(data, count * result.ElementSize);
            if (type == ScalarType.Float32)
            {
                InPieces(count, unit, (first, length) => fill(first, length, (float*)data + first));
            }
            else
            {
                InPieces(count, unit, (first, length) => FillConverted(first, length, fill, (ushort*)data + first));
            }

            GC.KeepAlive(result);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    private static void FillConverted(long first, long count, Filler fill, ushort* target)
    {
        float* values = (float*)NativeMemory.Alloc((nuint)count, sizeof(float));
        try
        {
            fill(first, count, values);
            ConversionKernel.Run(ScalarType.Float32, (byte*)values, (byte*)target, count);
        }
        finally
        {
            NativeMemory.Free(values);
        }
    }

    private static void FillStaged(Tensor result, long unit, Filler fill)
    {
        long count = result.NumberOfElements;
        long chunk = Math.Min(count, Math.Max(StagingValues / unit, 1) * unit);
        using Tensor flat = result.view(-1);
        using Tensor staging = empty([chunk], ScalarType.Float32);
        float* data = (float*)NativeTensors.Data(staging);
        for (long start = 0; start < count; start += chunk)
        {
            long length = Math.Min(chunk, count - start), offset = start;
            InPieces(length, unit, (first, part) => fill(offset + first, part, data + first));
            using Tensor target = flat.narrow(0, start, length);
            using Tensor source = staging.narrow(0, 0, length);
            target.copy_(source);
        }
    }

    private static void InPieces(long count, long unit, Action<long, long> body)
    {
        long piece = Math.Max(PieceValues / unit, 1) * unit;
        long pieces = (count + piece - 1) / piece;
        if (pieces <= 1)
        {
            body(0, count);
            return;
        }

        try
        {
            Parallel.For(
                0L,
                pieces,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                number => body(number * piece, Math.Min(piece, count - (number * piece))));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
