using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using NexusGen.Core;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// Writes one safetensors file: the header, then each tensor in chunks that are converted and moved to the CPU on the way.
/// </summary>
internal static unsafe class SafetensorsShard
{
    private const int Alignment = 64;
    private const long ChunkElements = 4 << 20;

    /// <summary>Gets the options for writing JSON: names are written without unnecessary escapes.</summary>
    public static JsonWriterOptions JsonOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Computes how many bytes a tensor takes in the file.</summary>
    /// <param name="tensor">The tensor.</param>
    public static long ByteLength(TensorToWrite tensor)
    {
        TensorLayout.TryCount(tensor.Shape.AsSpan(), out long count);
        return checked(count * TensorTypes.SizeOf(tensor.Type));
    }

    /// <summary>
    /// Returns tensors in the order in which a file contains them and they are created. Descending element sizes keep every
    /// tensor aligned without gaps, which the format does not allow.
    /// </summary>
    /// <param name="tensors">The tensors of one file.</param>
    public static TensorToWrite[] Order(IEnumerable<TensorToWrite> tensors) =>
    [
        .. tensors
            .OrderByDescending(tensor => TensorTypes.SizeOf(tensor.Type))
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal)
    ];

    /// <summary>Writes a complete file. The caller gives it its name with <see cref="AtomicFile.Commit"/>.</summary>
    /// <param name="path">The final path.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">The metadata for the header; <c>format: pt</c> if null.</param>
    /// <param name="cancellation">Cancels writing.</param>
    public static AtomicFile Write(
        string path,
        IReadOnlyList<TensorToWrite> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        CancellationToken cancellation)
    {
        (TensorToWrite[] ordered, byte[] header) = Arrange(path, tensors, metadata);
        cancellation.ThrowIfCancellationRequested();
        AtomicFile file = AtomicFile.Create(path, checked(header.Length + ordered.Sum(ByteLength)));
        try
        {
            file.Append(header);
            foreach (TensorToWrite tensor in ordered)
            {
                WriteTensor(file, tensor, cancellation);
            }

            file.Finish();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Orders the tensors of a file and makes its header. The tensors follow it without gaps.</summary>
    /// <param name="path">The path of the file, for messages.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">The metadata for the header; <c>format: pt</c> if null.</param>
    /// <exception cref="WeightFileException">The header is too long.</exception>
    public static (TensorToWrite[] Ordered, byte[] Header) Arrange(
        string path, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        TensorToWrite[] ordered = Order(tensors);
        byte[] header = Header(ordered, metadata);
        return header.Length <= SafetensorsHeader.MaxBytes
            ? (ordered, header)
            : throw new WeightFileException($"The names of {ordered.Length} tensors are too long for the header of {path}.");
    }

    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(stream, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata ?? new Dictionary<string, string> { ["format"] = "pt" })
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (TensorToWrite tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", TensorTypes.NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (long side in tensor.Shape)
                {
                    json.WriteNumberValue(side);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += ByteLength(tensor));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
        {
            stream.WriteByte((byte)' ');
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        return bytes;
    }

    private static void WriteTensor(AtomicFile file, TensorToWrite tensor, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using IDisposable noGradient = no_grad();
        using Tensor value = tensor.Make();
        bool dense = !value.is_sparse && value.device_type != TorchSharp.DeviceType.META;
        if (!dense || !value.shape.AsSpan().SequenceEqual(tensor.Shape.AsSpan()))
        {
            throw new WeightFileException(
                $"The tensor {tensor.Name} can't be written to {file.Path}: it is [{string.Join(", ", value.shape)}] on "
                + $"{value.device}, but a dense tensor {TensorLayout.Format(tensor.Shape)} was declared.");
        }

        using Tensor contiguous = value.contiguous();
        using Tensor flat = contiguous.view(-1);
        long count = flat.shape[0];
        for (long start = 0; start < count; start += ChunkElements)
        {
            cancellation.ThrowIfCancellationRequested();
            using Tensor part = flat.narrow(0, start, Math.Min(ChunkElements, count - start));
            using Tensor here = part.to(tensor.Type, CPU);
            int bytes = (int)(here.shape[0] * TensorTypes.SizeOf(tensor.Type));
            file.Append(new ReadOnlySpan<byte>(NativeTensors.Data(here), bytes));
        }
    }
}
