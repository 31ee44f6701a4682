using System.Collections.Immutable;
using NexusGen.Autoregressive;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Loop;
using NexusGen.Training.Lora;
using NexusGen.Training.Pretraining;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;

namespace NexusGen.Training.Stages;

/// <summary>Phase 1: trains the language model on conversations with images.</summary>
internal sealed class LanguageModelStage : TrainingStage<AutoregressiveTrainingConfiguration, AutoregressiveBatch>
{
    /// <inheritdoc/>
    public override string Name => "language-model";

    /// <inheritdoc/>
    public override string Description => "phase 1, the language model, on understanding, generation, editing and conversation";

    /// <inheritdoc/>
    protected override ITrainingObjective<AutoregressiveBatch> CreateTask(
        StageComponents components, AutoregressiveTrainingConfiguration configuration)
    {
        if (configuration.Plain != components.Files.Configuration.PlainAutoregression)
        {
            string draws = configuration.Plain ? "prefilled" : "plain";
            throw new TrainingException(
                $"plain is {(configuration.Plain ? "true" : "false")}, but the model uses {draws} autoregression; set "
                + $"plain to {(configuration.Plain ? "false" : "true")}, or \"plain_autoregression\" in "
                + $"{components.Files.Paths.Configuration} to {(configuration.Plain ? "true" : "false")}.");
        }

        TrainedLora? lora = components.Lora(
            Name, components.Files.Paths.LanguageModel, targets => targets.Language, LoraLayers.OfLanguageModel);
        LanguageModel model = lora is null
            ? components.Trained(components.Files.LanguageModelPart)
            : components.Under(components.Files.LanguageModelPart, lora);
        var encoder = new SampleEncoder(components.Files, configuration.MaxLength);
        return new AutoregressiveObjective(
            components.Files, model, components.Frozen(components.Files.VisionPart), configuration,
            components.Data(encoder.Check), components.ValidationData(encoder.Check), Anchor(components, configuration),
            configuration.ImageLabelWeight > 0 ? Head(components, configuration) : null, lora?.Weights);
    }

    private static VisionAnchor? Anchor(StageComponents components, AutoregressiveTrainingConfiguration configuration)
    {
        if (configuration.VisionPieceWeight == 0)
        {
            return null;
        }

        VisionHead head = Head(components, configuration);
        return new VisionAnchor(head, components.Files.ImageProcessor.Config, (int)Math.Sqrt(head.PieceLength / 3.0));
    }

    // The head is stored in the checkpoint of the vision encoder's training. Its sizes are derived from the shapes of its
    // tensors.
    private static VisionHead Head(StageComponents components, AutoregressiveTrainingConfiguration configuration)
    {
        string training = configuration.VisionTraining!;
        string checkpoint = TrainingCheckpoint.Latest(training)
            ?? throw new TrainingException($"{training} contains no checkpoint of a vision encoder training.");
        string folder = Path.Combine(checkpoint, TrainingCheckpoint.AverageName);
        folder = Directory.Exists(folder) ? folder : Path.Combine(checkpoint, TrainingCheckpoint.WeightsName);
        using ITensorStore store = TensorStore.Open(Path.Combine(folder, VisionAnchor.HeadName + ".safetensors"));
        const string name = "vision_head";
        ImmutableArray<long> hidden = store.Entries[$"{name}.in.weight"].Shape;
        long pieces = store.Entries[$"{name}.pieces.weight"].Shape[0], places = store.Entries[$"{name}.places.weight"].Shape[0];
        const string labels = $"{name}.labels.", end = ".weight";
        (string, int)[] kinds =
        [
            .. store.Entries
                .Where(entry => entry.Key.StartsWith(labels, StringComparison.Ordinal)
                    && entry.Key.EndsWith(end, StringComparison.Ordinal))
                .Select(entry => (entry.Key[labels.Length..^end.Length], (int)entry.Value.Shape[0])),
        ];
        return new CheckpointPart(store).Load(
            components.Options, source => new VisionHead(source[name], hidden[1], hidden[0], pieces, places, kinds));
    }
}
