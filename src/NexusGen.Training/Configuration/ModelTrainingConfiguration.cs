using NexusGen.Training.Data;

namespace NexusGen.Training.Configuration;

/// <summary>The settings that the training of every component has in addition to the common ones.</summary>
internal abstract record ModelTrainingConfiguration : TrainingConfiguration
{
    /// <summary>Whether the trained component starts from random weights instead of the model's.</summary>
    public bool FromNothing { get; init; }

    /// <summary>
    /// The training data: files in the official format (JSON lines), folders of images with text files, or worlds such as
    /// <c>shapesworld:generate</c>.
    /// </summary>
    public IReadOnlyList<DataSource> Data { get; init; } = [];

    /// <summary>The validation data; an empty list for no validation.</summary>
    public IReadOnlyList<DataSource> ValidationData { get; init; } = [];

    /// <summary>The number of samples of a validation.</summary>
    public int ValidationSamples { get; init; } = 128;

    /// <summary>The maximum number of invalid records that are skipped; one more ends the training with an error.</summary>
    public int MaxBrokenRecords { get; init; } = 100;

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Data.Count == 0, "data must name at least one source"),
        .. Data.Concat(ValidationData).SelectMany(source => source.Problems()),
        .. Rule(ValidationSamples < 1, "validation_samples must be at least 1"),
        .. Rule(MaxBrokenRecords < 0, "max_broken_records must be 0 or more"),
    ];

    private protected static IEnumerable<string> Rule(bool wrong, string sentence) => wrong ? [sentence] : [];
}
