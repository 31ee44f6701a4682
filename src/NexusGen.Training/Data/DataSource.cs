namespace NexusGen.Training.Data;

/// <summary>A data file and its share of a mix.</summary>
public sealed record DataSource
{
    /// <summary>A file of JSON lines.</summary>
    public required string Path { get; init; }

    /// <summary>Its share, in any unit.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The folder that names of pictures are resolved against; the file's own where null.</summary>
    public string? Folder { get; init; }
}
