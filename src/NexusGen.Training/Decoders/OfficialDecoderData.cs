using System.Text.Json;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The official decoders' data: JSON lines that name pictures and, for each, files of embeddings (<c>embed_path</c>, or
/// <c>embed_target</c> and <c>embed_source</c>): tensors that PyTorch saved, or safetensors with one tensor.
/// </summary>
public static class OfficialDecoderData
{
    /// <summary>Reads a line.</summary>
    /// <param name="json">The line.</param>
    /// <param name="folder">The folder that names are resolved against.</param>
    /// <param name="editing">Whether it is the editing decoder's data.</param>
    /// <param name="drawn">How many embeddings a picture to paint has, and how wide they are; any where null.</param>
    /// <param name="source">The same of a source.</param>
    /// <exception cref="NexusGenException">It is not such a line, or a file can't be read.</exception>
    public static DecoderSample Read(ReadOnlyMemory<byte> json, string folder, bool editing, (long Count, long Width)? drawn = null, (long Count, long Width)? source = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string[] images = [.. root.GetProperty("images").EnumerateArray().Select(file => Path.Combine(folder, file.GetString()!))];
            int target = editing ? 1 : 0;
            if (images.Length <= target)
            {
                throw new TrainingException($"names {images.Length} pictures, but the one to paint is number {target + 1}");
            }

            RgbImage picture = ImageFile.Read(images[target]);
            Tensor painted = Embeddings(root, folder, editing ? "embed_target" : "embed_path", drawn);
            return new DecoderSample(painted, editing ? Embeddings(root, folder, "embed_source", source) : null, picture, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new TrainingException($"is not a record of a decoder's data: {e.Message}", e);
        }
    }

    private static Tensor Embeddings(JsonElement root, string folder, string name, (long Count, long Width)? size)
    {
        string file = Path.Combine(folder, root.GetProperty(name).GetString()!);
        using var scope = NewDisposeScope();
        using ITensorStore store = TensorStore.Open(file);
        if (store.Entries.Count != 1)
        {
            throw new TrainingException($"{file} holds {store.Entries.Count} tensors, but embeddings are one");
        }

        Tensor stored = store.Read(store.Entries.Values.Single(), ScalarType.Float32);
        Tensor flat = stored.dim() == 3 && stored.shape[0] == 1 ? stored.squeeze(0) : stored;
        return flat.dim() == 2 && (size is null || size == (flat.shape[0], flat.shape[1]))
            ? flat.clone().DetachFromDisposeScope()
            : throw new TrainingException(
                $"{file} holds a tensor [{string.Join(", ", stored.shape)}], but embeddings are {(size is { } s ? $"[{s.Count}, {s.Width}]" : "[embeddings, width]")}");
    }
}
