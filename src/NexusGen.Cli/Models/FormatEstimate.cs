namespace NexusGen.Cli.Models;

/// <summary>What a storage format of the decoders takes.</summary>
/// <param name="Name">The format, as <c>--weights</c> has it.</param>
/// <param name="Parts">The bytes of each part in memory.</param>
/// <param name="Operations">The measured speed in operations per second, or null if nothing was measured.</param>
/// <param name="Minutes">Roughly how many minutes an image takes, or null if nothing was measured.</param>
internal sealed record FormatEstimate(
    string Name, IReadOnlyList<(string Part, long Bytes)> Parts, double? Operations, double? Minutes)
{
    // Activations, key-value cache and libtorch itself at the official sizes; less for small models.
    private const long MostActivations = 2_000_000_000;

    /// <summary>Gets the bytes of what an image needs at once, all components in memory.</summary>
    public long Bytes => Weights + Math.Min(MostActivations, Weights / 2);

    private long Weights => Parts.Sum(part => part.Bytes);
}
