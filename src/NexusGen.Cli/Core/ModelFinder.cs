using NexusGen.Core;

namespace NexusGen.Cli.Core;

/// <summary>Finds a model where the command line names none: in a folder <c>models</c> of the current folder or of one above.</summary>
internal static class ModelFinder
{
    /// <summary>The model that ships with the repository.</summary>
    public const string TinyModel = "nexus-gen-tiny";

    /// <summary>Looks upwards from the current folder, then from the program's.</summary>
    /// <returns>The model's folder.</returns>
    /// <exception cref="NexusGenException">There is none.</exception>
    public static string Find() => Find(Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>Looks upwards from each of the folders.</summary>
    public static string Find(params string[] starts) =>
        starts.SelectMany(Upward).SelectMany(Candidates).FirstOrDefault(HoldsModel)
        ?? throw new NexusGenException(
            $"No model was found: name its folder by --model (it holds Nexus-GenV2/ and FLUX/FLUX.1-dev/), or run in a folder with models/Nexus-GenV2 or models/{TinyModel}.");

    /// <summary>The small model of the repository, from the current folder or the program's upwards.</summary>
    /// <exception cref="NexusGenException">It is not there.</exception>
    public static string FindTiny() =>
        new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }.SelectMany(Upward)
            .Select(folder => Path.Combine(folder, "models", TinyModel)).FirstOrDefault(HoldsModel)
        ?? throw new NexusGenException($"The small model was not found: run this inside the repository, which has it in models/{TinyModel}.");

    /// <summary>A folder and all above it.</summary>
    public static IEnumerable<string> Upward(string start)
    {
        for (string? folder = Path.GetFullPath(start); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    // The official scripts look for models/Nexus-GenV2 in the current folder.
    private static IEnumerable<string> Candidates(string folder) => [Path.Combine(folder, "models"), Path.Combine(folder, "models", TinyModel)];

    // A folder of sizes alone, whose weights are still to be trained, is none.
    private static bool HoldsModel(string folder)
    {
        string model = Path.Combine(folder, "Nexus-GenV2");
        return File.Exists(Path.Combine(model, "config.json")) && Directory.EnumerateFiles(model, "edit_decoder.*").Any();
    }
}
