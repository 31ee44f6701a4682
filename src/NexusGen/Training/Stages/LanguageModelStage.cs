namespace NexusGen.Training;

/// <summary>Phase 1: trains the language model on conversations with pictures.</summary>
public sealed class LanguageModelStage : TrainingStage<AutoregressiveTrainingConfiguration, AutoregressiveBatch>
{
    /// <inheritdoc/>
    public override string Name => "language-model";

    /// <inheritdoc/>
    public override string Description => "phase 1, the language model, to understand, draw, edit and talk";

    /// <inheritdoc/>
    protected override ITrainingTask<AutoregressiveBatch> CreateTask(StageParts parts, AutoregressiveTrainingConfiguration configuration)
    {
        var encoder = new SampleEncoder(parts.Files, configuration.MaxLength);
        return new AutoregressiveTask(
            parts.Files, parts.Trained(parts.Files.LanguageModelPart), parts.Frozen(parts.Files.VisionPart), configuration, parts.Data(encoder.Check),
            parts.ValidationData(encoder.Check));
    }
}
