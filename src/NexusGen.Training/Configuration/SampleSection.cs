namespace NexusGen.Training.Configuration;

/// <summary>
/// The section <c>samples</c> of a configuration: images that are generated while a LoRA is trained, to see what it does.
/// </summary>
internal sealed record SampleSection
{
    /// <summary>The texts; for the editing decoder, the instructions.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>The image that the instructions are for.</summary>
    public string? Image { get; init; }

    /// <summary>The number of steps between two times; a checkpoint is written each time.</summary>
    public int Every { get; init; } = 250;

    /// <summary>The seed of the images.</summary>
    public ulong Seed { get; init; }

    /// <summary>The denoising steps, or null for the model's default.</summary>
    public int? Steps { get; init; }

    /// <summary>The width, or null for the model's default.</summary>
    public int? Width { get; init; }

    /// <summary>The height, or null for the model's default.</summary>
    public int? Height { get; init; }

    /// <summary>Returns each invalid setting as a sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Prompts.Count == 0)
        {
            yield return "samples.prompts must have at least one text";
        }

        if (Steps < 1 || Width < 1 || Height < 1)
        {
            yield return "samples.steps, width and height must be at least 1, or null";
        }

        if (Every < 1)
        {
            yield return "samples.every must be at least 1";
        }
    }
}
