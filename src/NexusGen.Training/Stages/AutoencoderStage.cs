using NexusGen.Training.Loop;
using NexusGen.Training.Pretraining;

namespace NexusGen.Training.Stages;

/// <summary>Trains the autoencoder on pictures. Officially it comes with FLUX, trained.</summary>
public sealed class AutoencoderStage : TrainingStage<AutoencoderTrainingConfiguration, TorchSharp.torch.Tensor>
{
    /// <inheritdoc/>
    public override string Name => "autoencoder";

    /// <inheritdoc/>
    public override string Description => "the autoencoder, on pictures";

    /// <inheritdoc/>
    protected override ITrainingTask<TorchSharp.torch.Tensor> CreateTask(StageParts parts, AutoencoderTrainingConfiguration configuration) =>
        new AutoencoderTask(
            parts.Trained(parts.Files.EncoderHalfPart), parts.Trained(parts.Files.DecoderHalfPart), configuration, parts.Data(), parts.ValidationData());
}
