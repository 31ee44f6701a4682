namespace NexusGen.Hub;

/// <summary>The progress of a pull.</summary>
/// <param name="Bytes">The number of bytes that are there.</param>
/// <param name="TotalBytes">The number of all bytes.</param>
/// <param name="Files">The number of files that are in their places.</param>
/// <param name="TotalFiles">The number of all files.</param>
/// <param name="Current">The path of a file that is being fetched.</param>
public readonly record struct PullProgress(long Bytes, long TotalBytes, int Files, int TotalFiles, string Current);
