using System.Text.Json.Nodes;
using NexusGen.Cli.Output;
using NexusGen.Imaging;

namespace NexusGen.Cli.Inspection;

/// <summary>What a picture tells of how it was drawn.</summary>
internal static class PictureReport
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>Whether a file is a picture, by its name.</summary>
    public static bool IsPicture(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Tells of a picture.</summary>
    /// <exception cref="ImagingException">It can't be read.</exception>
    public static void Tell(string path, CommandOutput output)
    {
        IReadOnlyDictionary<string, string> parameters = ImageFile.ReadParameters(path);
        foreach ((string key, string value) in parameters)
        {
            output.Line($"{key}: {value}");
        }

        if (parameters.Count == 0)
        {
            output.Line($"{path} does not tell how it was made.");
        }

        var json = new JsonObject();
        foreach ((string key, string value) in parameters)
        {
            json[key] = value;
        }

        output.Json(new JsonObject { ["file"] = path, ["parameters"] = json });
    }
}
