using NexusGen.Imaging;

namespace NexusGen.Server.Images;

/// <summary>The file of an image.</summary>
/// <param name="Data">The content of the file.</param>
/// <param name="MediaType">The media type.</param>
internal sealed record EncodedImage(byte[] Data, string MediaType)
{
    /// <summary>Returns the file without texts. Of the files that this server writes, only PNG has any.</summary>
    public EncodedImage WithoutParameters() =>
        MediaType == ImageFileFormat.Png.MediaType ? this with { Data = PngText.Remove(Data) } : this;
}
