using NexusGen.Imaging;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Tests.Server.Clients;

/// <summary>Says what a picture is and shows, with the judge that the small model is scored with.</summary>
internal static class Look
{
    /// <summary>Reads a picture.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Its size, format and contents, as in <c>112x112 png: red star on white</c>.</returns>
    public static string At(ReadOnlySpan<byte> file)
    {
        RgbImage image = ImageFile.Read(file);
        string format = file switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png",
            [0xff, 0xd8, ..] => "jpeg",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => "webp",
            _ => "file",
        };
        return $"{image.Width}x{image.Height} {format}: {Contents(image)}";
    }

    private static string Contents(RgbImage image)
    {
        SceneReading read = Judge.Read(new Picture(image.Width, image.Height, image.Pixels.ToArray()));
        string objects = string.Join(", ", read.Objects.Select(found => $"{found.Colour} {found.Shape}"));
        string faults = string.Concat(read.Problems.Select(fault => $" ({fault})"));
        return $"{objects} on {read.Background}".ToLowerInvariant() + faults;
    }
}
