using System.Text.RegularExpressions;

namespace NexusGen.Weights.Stores;

/// <summary>The file names under which transformers saves a checkpoint and looks for it.</summary>
internal static partial class CheckpointNames
{
    // The order in which PreTrainedModel.from_pretrained looks for them, whatever else the folder contains.
    private static readonly string[] Ordered =
    [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ];

    /// <summary>Finds the checkpoint of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The path of the file or index that transformers would open, or null if there is none.</returns>
    public static string? Find(string folder) =>
        Ordered.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Whether a folder has files of weights.</summary>
    /// <param name="folder">The folder, which may not exist.</param>
    public static bool HasWeights(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(IsWeights);

    /// <summary>Whether a file has weights, by its ending.</summary>
    /// <param name="file">The name or path of the file.</param>
    public static bool IsWeights(string file) =>
        Path.GetExtension(file).ToLowerInvariant() is ".safetensors" or ".bin" or ".pt" or ".pth" or ".gguf";

    /// <summary>Whether a file name is that of a shard of such a checkpoint.</summary>
    /// <param name="name">The file name.</param>
    public static bool IsShard(string name) => Shard().IsMatch(name);

    [GeneratedRegex(
        @"^(model-[0-9]{5,6}-of-[0-9]{5,6}\.safetensors|pytorch_model-[0-9]{5,6}-of-[0-9]{5,6}\.bin)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
