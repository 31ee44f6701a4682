namespace NexusGen.Training.Data;

/// <summary>A data source and its weight in a mix.</summary>
internal sealed record DataSource
{
    /// <summary>
    /// The path of a JSON lines file, a folder of prepared data, or the name of a world such as <c>shapesworld:generate</c>.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The relative weight of the source.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The folder that file names of images are relative to, or null for the folder of the file.</summary>
    public string? Folder { get; init; }
}
