using System.Collections.Immutable;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Files.Safetensors;

namespace NexusGen.Conversion;

/// <summary>A file of a conversion, whose bytes are known but for the values of its tensors.</summary>
/// <param name="Part">The part of the model.</param>
/// <param name="Path">The path, relative to the folder of the output.</param>
/// <param name="Header">The bytes before the first tensor, or all bytes of a file without tensors.</param>
/// <param name="Tensors">The tensors in their order.</param>
/// <param name="Offsets">Where each tensor begins.</param>
/// <param name="Length">The number of bytes of the file.</param>
internal sealed record PlannedFile(
    string Part,
    string Path,
    byte[] Header,
    ImmutableArray<PlannedTensor> Tensors,
    ImmutableArray<long> Offsets,
    long Length)
{
    /// <summary>Plans safetensors files: one, or several with an index.</summary>
    /// <param name="part">The part of the model.</param>
    /// <param name="basePath">The path without its ending.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="maxBytes">The size limit of a file.</param>
    public static IEnumerable<PlannedFile> Safetensors(
        string part, string basePath, IReadOnlyList<PlannedTensor> tensors, long maxBytes)
    {
        Dictionary<string, PlannedTensor> byName = tensors.ToDictionary(tensor => tensor.Name);
        TensorToWrite[] described =
        [
            .. tensors.Select(tensor => new TensorToWrite(tensor.Name, tensor.Encoding.Plain!.Value, tensor.Shape, tensor.Open))
        ];
        List<List<TensorToWrite>> shards = SafetensorsWriter.Divide(described, maxBytes);
        string[] paths = SafetensorsWriter.NamesOf(basePath, shards.Count);
        foreach ((string path, List<TensorToWrite> shard) in paths.Zip(shards))
        {
            (TensorToWrite[] ordered, byte[] header) = SafetensorsShard.Arrange(path, shard, null);
            List<long> offsets = [];
            long next = header.Length;
            foreach (TensorToWrite tensor in ordered)
            {
                offsets.Add(next);
                next += SafetensorsShard.ByteLength(tensor);
            }

            yield return new PlannedFile(
                part, path, header, [.. ordered.Select(tensor => byName[tensor.Name])], [.. offsets], next);
        }

        if (shards.Count > 1)
        {
            byte[] index = SafetensorsWriter.IndexOf([.. paths.Select(System.IO.Path.GetFileName)!], shards);
            yield return new PlannedFile(part, $"{basePath}.safetensors.index.json", index, [], [], index.Length);
        }
    }

    /// <summary>Plans a GGUF file.</summary>
    /// <param name="part">The part of the model.</param>
    /// <param name="path">The path.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="tensors">The tensors in their order.</param>
    public static PlannedFile Gguf(
        string part, string path, IReadOnlyDictionary<string, object> metadata, IReadOnlyList<PlannedTensor> tensors)
    {
        (byte[] header, long[] offsets) = GgufLayout.Arrange(
            metadata, [.. tensors.Select(tensor => (tensor.Name, tensor.Shape, tensor.Encoding.Ggml!))]);
        long end = tensors.Count == 0 ? header.Length : GgufLayout.Align(offsets[^1] + tensors[^1].ByteLength);
        return new PlannedFile(part, path, header, [.. tensors], [.. offsets], end);
    }
}
