namespace NexusGen.Server.Pictures;

/// <summary>A picture's file.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="MediaType">Its format.</param>
internal sealed record PictureData(byte[] Data, string MediaType);
