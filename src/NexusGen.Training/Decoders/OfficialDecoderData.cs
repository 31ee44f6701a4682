using System.Text.Json;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The official training data of the decoders: JSON lines with the names of images and of files with their embeddings
/// (<c>embed_path</c>, or <c>embed_target</c> and <c>embed_source</c>). The embeddings are tensors saved by PyTorch, or
/// safetensors files with one tensor.
/// </summary>
internal static class OfficialDecoderData
{
    /// <summary>Reads a sample.</summary>
    /// <param name="json">The line.</param>
    /// <param name="folder">The folder that file names are relative to.</param>
    /// <param name="editing">Whether the data is for the editing decoder.</param>
    /// <param name="drawn">The required number and width of target embeddings, or null for any.</param>
    /// <param name="source">The required number and width of source embeddings, or null for any.</param>
    /// <param name="check">Throws an exception for a target image that can't be used, or null to accept all.</param>
    /// <exception cref="NexusGenException">The line is not such a record, or a file can't be read.</exception>
    public static DecoderSample Read(
        ReadOnlyMemory<byte> json,
        string folder,
        bool editing,
        (long Count, long Width)? drawn = null,
        (long Count, long Width)? source = null,
        Action<RgbImage>? check = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string[] images =
                [.. root.GetProperty("images").EnumerateArray().Select(file => Path.Combine(folder, file.GetString()!))];
            int target = editing ? 1 : 0;
            if (images.Length <= target)
            {
                throw new TrainingException($"names {images.Length} images, but the target image is number {target + 1}");
            }

            RgbImage picture = ImageFile.Read(images[target]);
            check?.Invoke(picture);
            Tensor painted = Embeddings(root, folder, editing ? "embed_target" : "embed_path", drawn);
            return new DecoderSample(painted, editing ? Embeddings(root, folder, "embed_source", source) : null, picture, null);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new TrainingException($"is not a record of decoder data: {e.Message}", e);
        }
    }

    private static Tensor Embeddings(JsonElement root, string folder, string name, (long Count, long Width)? size)
    {
        string file = Path.Combine(folder, root.GetProperty(name).GetString()!);
        using var scope = NewDisposeScope();
        using ITensorStore store = TensorStore.Open(file);
        if (store.Entries.Count != 1)
        {
            throw new TrainingException($"{file} contains {store.Entries.Count} tensors instead of one with embeddings");
        }

        Tensor stored = store.Read(store.Entries.Values.Single(), ScalarType.Float32);
        Tensor flat = stored.dim() == 3 && stored.shape[0] == 1 ? stored.squeeze(0) : stored;
        return flat.dim() == 2 && (size is null || size == (flat.shape[0], flat.shape[1]))
            ? flat.clone().DetachFromDisposeScope()
            : throw new TrainingException(
                $"{file} contains a tensor [{string.Join(", ", stored.shape)}], but embeddings have the shape "
                + $"{(size is { } s ? $"[{s.Count}, {s.Width}]" : "[embeddings, width]")}");
    }
}
