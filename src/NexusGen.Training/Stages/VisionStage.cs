using NexusGen.Training.Data;
using NexusGen.Training.Loop;
using NexusGen.Training.Pretraining;

namespace NexusGen.Training.Stages;

/// <summary>Trains the vision encoder on its own, on images.</summary>
internal sealed class VisionStage : TrainingStage<VisionTrainingConfiguration, VisionBatch>
{
    /// <inheritdoc/>
    public override string Name => "vision";

    /// <inheritdoc/>
    public override string Description => "the vision encoder, on images";

    /// <inheritdoc/>
    protected override ITrainingObjective<VisionBatch> CreateTask(
        StageParts parts, VisionTrainingConfiguration configuration) =>
        new VisionObjective(
            parts.Trained(parts.Files.VisionPart), parts.Files.ImageProcessor, configuration, parts.Random("vision_head"),
            parts.Data(sample => ImageSamples.Check(sample, configuration.Width, configuration.Height)),
            parts.ValidationData(sample => ImageSamples.Check(sample, configuration.Width, configuration.Height)));
}
