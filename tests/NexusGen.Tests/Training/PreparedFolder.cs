using NexusGen.Training.Decoders;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>A folder of prepared data with given embeddings and latents.</summary>
internal static class PreparedFolder
{
    /// <summary>Writes one of a single shard.</summary>
    /// <param name="folder">The folder; it is made.</param>
    /// <param name="drawn">[samples, embeddings, width].</param>
    /// <param name="source">The same of the sources; null where there are none.</param>
    /// <param name="latents">[samples, channels, height, width].</param>
    public static string Write(string folder, Tensor drawn, Tensor? source, Tensor latents)
    {
        Directory.CreateDirectory(folder);
        List<(string, Tensor)> tensors = [(PreparedData.Drawn, drawn), (PreparedData.Latents, latents)];
        if (source is not null)
        {
            tensors.Add((PreparedData.Source, source));
        }

        const string shard = "shard-00000.safetensors";
        SafetensorsWriter.Write(Path.Combine(folder, shard), tensors);
        new PreparedIndex { Shards = [shard], Samples = drawn.shape[0] }.Write(folder);
        return folder;
    }
}
