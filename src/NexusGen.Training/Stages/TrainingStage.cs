using NexusGen.Core;
using NexusGen.Training.Logging;

namespace NexusGen.Training.Stages;

/// <summary>
/// A stage of the training of a model: trains one or more components with a configuration. A stage has its own folder for
/// checkpoints and metrics. When all steps have been taken, the weights are installed in the model folder: those of the best
/// checkpoint if <c>keep_best</c> is set and there was a validation, otherwise the last ones; averaged if there is an average.
/// </summary>
public abstract class TrainingStage
{
    /// <summary>Gets all stages, in the order in which a model is trained from random weights.</summary>
    public static IReadOnlyList<TrainingStage> All { get; } =
        [
            new AutoencoderStage(),
            new VisionStage(),
            new LanguageModelStage(),
            new DecoderStage(editing: false),
            new DecoderStage(editing: true)
        ];

    /// <summary>Gets the name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Gets a short description of what is trained.</summary>
    public abstract string Description { get; }

    /// <summary>Gets the configuration with all default values, as YAML.</summary>
    public abstract string DefaultConfiguration { get; }

    /// <summary>Runs the stage.</summary>
    /// <param name="request">The options of the run.</param>
    /// <param name="stop">Stops the training between two batches. It can be resumed.</param>
    /// <exception cref="NexusGenException">
    /// The configuration, the model or the data are invalid, or the training diverged.
    /// </exception>
    public abstract TrainingReport Run(StageRequest request, CancellationToken stop = default);
}
