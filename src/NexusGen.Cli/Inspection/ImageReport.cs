using System.Text.Json.Nodes;
using NexusGen.Cli.Output;
using NexusGen.Imaging;

namespace NexusGen.Cli.Inspection;

/// <summary>Prints how an image was generated.</summary>
internal static class ImageReport
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>Whether a file is an image, by its extension.</summary>
    public static bool IsImage(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Prints the parameters that are stored in an image file.</summary>
    /// <exception cref="ImagingException">The file can't be read.</exception>
    public static void Tell(string path, CommandOutput output)
    {
        IReadOnlyDictionary<string, string> parameters = ImageFile.ReadParameters(path);
        foreach ((string key, string value) in parameters)
        {
            output.WriteLine($"{key}: {value}");
        }

        if (parameters.Count == 0)
        {
            output.WriteLine($"{path} contains no generation parameters.");
        }

        var json = new JsonObject();
        foreach ((string key, string value) in parameters)
        {
            json[key] = value;
        }

        output.WriteJson(new JsonObject { ["file"] = path, ["parameters"] = json });
    }
}
