namespace NexusGen.Weights.Files.Pickle;

/// <summary>An uncompressed file in a zip archive.</summary>
/// <param name="Name">The path inside the archive.</param>
/// <param name="Offset">The offset of its first byte in the archive.</param>
/// <param name="Length">The number of bytes.</param>
internal readonly record struct ZipEntry(string Name, long Offset, long Length);
