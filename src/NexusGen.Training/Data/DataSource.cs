namespace NexusGen.Training.Data;

/// <summary>A data source and its weight in a mix.</summary>
internal sealed record DataSource
{
    /// <summary>
    /// The path of a JSON lines file, a folder of images with text files, a folder of prepared data, or the name of a world such
    /// as <c>shapesworld:generate</c>.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The relative weight of the source.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// For a folder of images: how often each image comes in a pass. A subfolder whose name begins with a number, such as
    /// <c>10_cats</c>, multiplies it.
    /// </summary>
    public int Repeats { get; init; } = 1;

    /// <summary>For a folder of images: a text that is put before each caption, with a space; or null.</summary>
    public string? Trigger { get; init; }

    /// <summary>For a folder of images: the fraction of samples whose caption is left out.</summary>
    public double CaptionDropout { get; init; }

    /// <summary>
    /// For a folder of images that is missing or empty: texts of which the model itself generates images for it, before the
    /// training. They keep what is not trained as it was (prior preservation, arXiv 2208.12242).
    /// </summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>The number of images that are generated of the prompts.</summary>
    public int Images { get; init; } = 100;

    /// <summary>The folder that file names of images are relative to, or null for the folder of the file.</summary>
    public string? Folder { get; init; }

    /// <summary>Returns each invalid setting as a sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!(Weight > 0) || !double.IsFinite(Weight))
        {
            yield return "the weight of a source must be above 0";
        }

        if (Repeats < 1)
        {
            yield return "repeats of a source must be at least 1";
        }

        if (Images < 1)
        {
            yield return "images of a source must be at least 1";
        }

        if (!(CaptionDropout is >= 0 and <= 1))
        {
            yield return "caption_dropout of a source must be between 0 and 1";
        }
    }
}
