using NexusGen.Core;
using NexusGen.Training.Logging;

namespace NexusGen.Training.Stages;

/// <summary>
/// A stage of training a model: which part learns what from which configuration. A stage trains in a folder of its own; when
/// all steps are taken, the weights (the best ones, averaged where there is an average) go into the model's folder.
/// </summary>
public abstract class TrainingStage
{
    /// <summary>All stages, in the order in which a model is trained from nothing.</summary>
    public static IReadOnlyList<TrainingStage> All { get; } =
        [new AutoencoderStage(), new VisionStage(), new LanguageModelStage(), new DecoderStage(editing: false), new DecoderStage(editing: true)];

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is trained, in half a sentence.</summary>
    public abstract string Description { get; }

    /// <summary>The configuration with every default written out, as YAML.</summary>
    public abstract string DefaultConfiguration { get; }

    /// <summary>Trains.</summary>
    /// <param name="request">What, where and how.</param>
    /// <param name="stop">Stops it between two batches; it can be resumed.</param>
    /// <exception cref="NexusGenException">The configuration, the model or the data are wrong, or the training went astray.</exception>
    public abstract TrainingReport Run(StageRequest request, CancellationToken stop = default);
}
