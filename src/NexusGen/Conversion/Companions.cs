using NexusGen.Weights.Stores;

namespace NexusGen.Conversion;

/// <summary>The files beside weights that belong to a model: configurations, tokenizers, licences.</summary>
internal static class Companions
{
    // What belongs to weights without having any.
    private static readonly string[] Other = [".ckpt", ".index.json", ".incomplete"];

    /// <summary>Lists the files of a folder that are no weights; subfolders are not entered.</summary>
    /// <param name="folder">The folder, which may not exist.</param>
    /// <param name="target">The folder in the output.</param>
    public static IEnumerable<(string From, string To)> Of(string folder, string target) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file)[0] != '.'
                && !CheckpointNames.IsWeights(file)
                && !Other.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            .Order(StringComparer.Ordinal)
            .Select(file => (file, Path.Combine(target, Path.GetFileName(file))));
}
