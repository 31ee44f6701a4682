namespace NexusGen.Model;

/// <summary>What of a part of a model is there.</summary>
/// <param name="Name">The part.</param>
/// <param name="Path">Where it is, or belongs.</param>
/// <param name="IsThere">Whether any file of it is there.</param>
/// <param name="Problem">What is wrong, or null if the part is whole.</param>
/// <param name="Files">The files with its weights.</param>
/// <param name="Bytes">The number of bytes of these files.</param>
/// <param name="Types">The number of bytes of each type of its tensors.</param>
internal sealed record PartCheck(
    string Name,
    string Path,
    bool IsThere,
    string? Problem,
    IReadOnlyList<string> Files,
    long Bytes,
    IReadOnlyDictionary<string, long> Types)
{
    /// <summary>Gets whether nothing is missing and nothing is damaged, as far as headers and sizes tell.</summary>
    public bool IsWhole => IsThere && Problem is null;
}
