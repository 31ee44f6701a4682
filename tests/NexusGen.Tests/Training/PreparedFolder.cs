using NexusGen.Training.Decoders;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>A folder of prepared data with given embeddings and latents.</summary>
internal static class PreparedFolder
{
    /// <summary>Writes a folder with a single shard.</summary>
    /// <param name="folder">The folder, which is created.</param>
    /// <param name="drawn">[samples, target embeddings, width].</param>
    /// <param name="source">[samples, source embeddings, width], or null for none.</param>
    /// <param name="latents">[samples, channels, height, width].</param>
    public static string Write(string folder, Tensor drawn, Tensor? source, Tensor latents)
    {
        Directory.CreateDirectory(folder);
        List<(string, Tensor)> tensors = [(DecoderDataset.Targets, drawn), (DecoderDataset.Latents, latents)];
        if (source is not null)
        {
            tensors.Add((DecoderDataset.Source, source));
        }

        const string shard = "shard-00000.safetensors";
        SafetensorsWriter.Write(Path.Combine(folder, shard), tensors);
        new DecoderDatasetIndex { Shards = [shard], Samples = drawn.shape[0] }.Write(folder);
        return folder;
    }
}
