using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Images;

/// <summary>Saves the images of a reply as they are finished. A file is either complete or not written at all.</summary>
/// <param name="nameAt">Returns the file of the image with the given number, from 1.</param>
/// <param name="parameters">The metadata that is written to the files.</param>
internal sealed class ImageSaver(Func<int, string> nameAt, ImageMetadata parameters)
{
    /// <summary>The saved images for the JSON output.</summary>
    public JsonArray Saved { get; } = [];

    /// <summary>Saves one image.</summary>
    /// <param name="picture">The image.</param>
    /// <returns>A line that reports the saved file.</returns>
    /// <exception cref="ImagingException">The file can't be written.</exception>
    public string Save(OutputImage picture)
    {
        string file = nameAt(Saved.Count + 1);
        ImageFile.Write(file, picture.Image, new ImageWriteOptions { Parameters = parameters.For(picture) });
        Saved.Add((JsonNode)ImageMetadata.Json(picture, file));
        string resized = picture.IsResized ? $" resized from {picture.GeneratedSize}" : "";
        return $"Saved {file} ({picture.Image}{resized}, seed {picture.Settings.Seed})";
    }
}
