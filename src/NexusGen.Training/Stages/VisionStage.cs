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
        StageComponents components, VisionTrainingConfiguration configuration)
    {
        void Check(TrainingSample sample) => ImageSamples.Check(sample, configuration.Width, configuration.Height);
        return new VisionObjective(
            components.Trained(components.Files.VisionPart), components.Files.ImageProcessor, configuration,
            components.Random("vision_head"),
            components.Data(Check, needsText: false),
            components.ValidationData(Check, needsText: false));
    }
}
