using System.Runtime.ExceptionServices;
using NexusGen.Torch.Native;
using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>
/// Converts one tensor after the other, in pieces and on several threads, and measures the error. The bytes and the error do not
/// depend on the number of threads.
/// </summary>
internal sealed unsafe class TensorConversion
{
    // A chunk is widened, converted and written; a piece stays in a core's own cache.
    private const long ChunkValues = 4 << 20;
    private const int PieceValues = 64 << 10;

    private readonly byte[] _bytes = new byte[ChunkValues * sizeof(float)];

    /// <summary>Converts a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="write">Receives the bytes in order.</param>
    /// <param name="cancellationToken">Cancels between two chunks.</param>
    /// <exception cref="WeightFileException">The tensor has values that the type can't hold.</exception>
    public TensorError Run(PlannedTensor tensor, WriteBytes write, CancellationToken cancellationToken)
    {
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        Tensor value = tensor.Open().contiguous().view(-1);
        long count = value.NumberOfElements;
        TensorEncoding encoding = tensor.Encoding;
        bool isCopy = encoding.Plain == value.dtype;
        TensorError sum = default;
        for (long start = 0; start < count; start += ChunkValues)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var chunkScope = NewDisposeScope();
            int length = (int)Math.Min(ChunkValues, count - start);
            Tensor part = value.narrow(0, start, length);
            if (isCopy)
            {
                write(new ReadOnlySpan<byte>(NativeTensors.Data(part), length * encoding.UnitBytes));
                GC.KeepAlive(part);
                continue;
            }

            Tensor floats = part.to(ScalarType.Float32);
            sum += Encode(tensor, (float*)NativeTensors.Data(floats), length);
            GC.KeepAlive(floats);
            write(_bytes.AsSpan(0, length / encoding.Unit * encoding.UnitBytes));
        }

        return sum;
    }

    /// <summary>Receives bytes.</summary>
    public delegate void WriteBytes(ReadOnlySpan<byte> bytes);

    private TensorError Encode(PlannedTensor tensor, float* values, int count)
    {
        TensorEncoding encoding = tensor.Encoding;
        int pieces = (count + PieceValues - 1) / PieceValues;
        var errors = new TensorError[pieces];
        try
        {
            Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, piece =>
            {
                int start = piece * PieceValues, length = Math.Min(PieceValues, count - start);
                var original = new ReadOnlySpan<float>(values + start, length);
                Span<byte> bytes = _bytes.AsSpan(
                    start / encoding.Unit * encoding.UnitBytes, length / encoding.Unit * encoding.UnitBytes);
                encoding.Encode(original, bytes);
                errors[piece] = Measure(tensor, original, bytes);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return errors.Aggregate((sum, error) => sum + error);
    }

    private static TensorError Measure(PlannedTensor tensor, ReadOnlySpan<float> original, ReadOnlySpan<byte> bytes)
    {
        float[] stored = new float[original.Length];
        tensor.Encoding.Decode(bytes, stored);
        double difference = 0, magnitude = 0;
        for (int i = 0; i < stored.Length; i++)
        {
            difference += Math.Abs((double)stored[i] - original[i]);
            magnitude += Math.Abs((double)original[i]);
        }

        if (!double.IsFinite(difference) || !double.IsFinite(magnitude))
        {
            Refuse(tensor, original, stored);
        }

        return new TensorError(difference, magnitude);
    }

    private static void Refuse(PlannedTensor tensor, ReadOnlySpan<float> original, ReadOnlySpan<float> stored)
    {
        for (int i = 0; i < stored.Length; i++)
        {
            if (!float.IsFinite(original[i]))
            {
                throw new WeightFileException(
                    $"The tensor {tensor.Name} contains values that are not numbers: the file is damaged; download it again.");
            }

            if (!float.IsFinite(stored[i]))
            {
                throw new WeightFileException(
                    $"The tensor {tensor.Name} contains the value {original[i]:R}, which {tensor.Encoding.Name} can't hold; "
                    + "convert to bf16, or to a type of blocks.");
            }
        }
    }
}
