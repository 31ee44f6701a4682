using NexusGen.Core;

namespace NexusGen.Cli.Core;

/// <summary>
/// Finds a model if the command line names none: in the folder <c>models</c> of the current folder, of the program's folder, or
/// of a folder above them.
/// </summary>
internal static class ModelFinder
{
    /// <summary>The name of the model that ships with the repository.</summary>
    public const string TinyModel = "nexus-gen-tiny";

    /// <summary>Searches upwards from the current folder, then from the program's folder.</summary>
    /// <returns>The model's folder.</returns>
    /// <exception cref="NexusGenException">There is no model.</exception>
    public static string Find() => Find(Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>Searches upwards from each of the folders.</summary>
    public static string Find(params string[] starts) =>
        starts.SelectMany(Upward).SelectMany(Candidates).FirstOrDefault(HoldsModel)
        ?? throw new NexusGenException(
            $"No model was found; specify its folder with --model (it contains Nexus-GenV2/ and FLUX/FLUX.1-dev/), or run the "
            + $"command in a folder with models/Nexus-GenV2 or models/{TinyModel}.");

    /// <summary>Finds the small model of the repository, upwards from the current folder and from the program's folder.</summary>
    /// <exception cref="NexusGenException">The model was not found.</exception>
    public static string FindTiny() =>
        new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }.SelectMany(Upward)
            .Select(folder => Path.Combine(folder, "models", TinyModel)).FirstOrDefault(HoldsModel)
        ?? throw new NexusGenException(
            $"The small model was not found; run the command inside the repository, which contains models/{TinyModel}.");

    /// <summary>Returns a folder and all folders above it.</summary>
    public static IEnumerable<string> Upward(string start)
    {
        for (string? folder = Path.GetFullPath(start); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    // The official scripts look for models/Nexus-GenV2 in the current folder.
    private static IEnumerable<string> Candidates(string folder) =>
        [Path.Combine(folder, "models"), Path.Combine(folder, "models", TinyModel)];

    // A folder with a configuration alone, whose weights are still to be trained, is not a model.
    private static bool HoldsModel(string folder)
    {
        string model = Path.Combine(folder, "Nexus-GenV2");
        return File.Exists(Path.Combine(model, "config.json")) && Directory.EnumerateFiles(model, "edit_decoder.*").Any();
    }
}
