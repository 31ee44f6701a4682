using NexusGen.Training.Data;
using NexusGen.Training.Loop;
using NexusGen.Training.Pretraining;

namespace NexusGen.Training.Stages;

/// <summary>Trains the autoencoder on images. The official model uses FLUX's pretrained autoencoder.</summary>
internal sealed class AutoencoderStage : TrainingStage<AutoencoderTrainingConfiguration, TorchSharp.torch.Tensor>
{
    /// <inheritdoc/>
    public override string Name => "autoencoder";

    /// <inheritdoc/>
    public override string Description => "the autoencoder, on images";

    /// <inheritdoc/>
    protected override ITrainingObjective<TorchSharp.torch.Tensor> CreateTask(
        StageComponents components, AutoencoderTrainingConfiguration configuration)
    {
        void Check(TrainingSample sample) => ImageSamples.Check(sample, configuration.Width, configuration.Height);
        return new AutoencoderObjective(
            components.Trained(components.Files.AutoencoderEncoderPart),
            components.Trained(components.Files.AutoencoderDecoderPart),
            configuration,
            components.Data(Check, needsText: false),
            components.ValidationData(Check, needsText: false));
    }
}
