using NexusGen.Training.Loop;
using NexusGen.Training.Pretraining;

namespace NexusGen.Training.Stages;

/// <summary>Trains the vision encoder alone, on pictures.</summary>
public sealed class VisionStage : TrainingStage<VisionTrainingConfiguration, VisionBatch>
{
    /// <inheritdoc/>
    public override string Name => "vision";

    /// <inheritdoc/>
    public override string Description => "the vision encoder alone, on pictures";

    /// <inheritdoc/>
    protected override ITrainingTask<VisionBatch> CreateTask(StageParts parts, VisionTrainingConfiguration configuration) =>
        new VisionTask(
            parts.Trained(parts.Files.VisionPart), parts.Files.ImageProcessor, configuration, parts.Random("vision_head"), parts.Data(), parts.ValidationData());
}
