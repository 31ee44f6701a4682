using NexusGen.Training.Data;

namespace NexusGen.Training.Configuration;

/// <summary>What every training of a part of a model has to be told beside the training itself.</summary>
public abstract record ModelTrainingConfiguration : TrainingConfiguration
{
    /// <summary>Whether the trained part begins from random weights; otherwise from the model's own.</summary>
    public bool FromNothing { get; init; }

    /// <summary>The data: files in the official format (JSON lines), or worlds such as <c>shapesworld:generate</c>.</summary>
    public IReadOnlyList<DataSource> Data { get; init; } = [];

    /// <summary>The data that is validated on; none where empty.</summary>
    public IReadOnlyList<DataSource> ValidationData { get; init; } = [];

    /// <summary>How many samples a validation takes.</summary>
    public int ValidationSamples { get; init; } = 128;

    /// <summary>How many records may be broken before the training stops.</summary>
    public int MaxBrokenRecords { get; init; } = 100;

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Data.Count == 0, "data must name at least one source"),
        .. Rule(Data.Concat(ValidationData).Any(source => !(source.Weight > 0)), "the weight of a source must be above 0"),
        .. Rule(ValidationSamples < 1, "validation_samples must be at least 1"),
        .. Rule(MaxBrokenRecords < 0, "max_broken_records must be 0 or more"),
    ];

    private protected static IEnumerable<string> Rule(bool wrong, string sentence) => wrong ? [sentence] : [];
}
