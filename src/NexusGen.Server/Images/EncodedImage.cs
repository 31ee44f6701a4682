namespace NexusGen.Server.Images;

/// <summary>The file of an image.</summary>
/// <param name="Data">The content of the file.</param>
/// <param name="MediaType">The media type.</param>
internal sealed record EncodedImage(byte[] Data, string MediaType);
