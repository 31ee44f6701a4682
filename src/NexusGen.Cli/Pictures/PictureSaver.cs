using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Pictures;

/// <summary>Writes the pictures of a reply as they come, each whole or not at all.</summary>
/// <param name="nameAt">The file of the picture of that number, from 1.</param>
/// <param name="parameters">What is written into the files.</param>
internal sealed class PictureSaver(Func<int, string> nameAt, PictureParameters parameters)
{
    /// <summary>What was written, for a program.</summary>
    public JsonArray Saved { get; } = [];

    /// <summary>Writes one picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns>A line that tells of it.</returns>
    /// <exception cref="ImagingException">It can't be written.</exception>
    public string Save(DrawnPicture picture)
    {
        string file = nameAt(Saved.Count + 1);
        ImageFile.Write(file, picture.Image, new ImageWriteOptions { Parameters = parameters.For(picture) });
        Saved.Add((JsonNode)PictureParameters.Json(picture, file));
        return $"Saved {file} ({picture.Image}, seed {picture.Settings.Seed})";
    }
}
