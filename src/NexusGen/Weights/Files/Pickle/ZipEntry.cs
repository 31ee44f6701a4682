namespace NexusGen.Weights.Files.Pickle;

/// <summary>One stored file in a zip archive.</summary>
/// <param name="Name">Its path inside the archive.</param>
/// <param name="Offset">Where its bytes begin in the archive.</param>
/// <param name="Length">How many there are.</param>
internal readonly record struct ZipEntry(string Name, long Offset, long Length);
