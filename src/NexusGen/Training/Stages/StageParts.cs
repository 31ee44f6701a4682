using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>Builds the parts of a model for a stage: to be trained, or frozen.</summary>
/// <param name="files">The model's files.</param>
/// <param name="configuration">How it is trained.</param>
/// <param name="device">Where it is computed.</param>
public sealed class StageParts(ModelFiles files, ModelTrainingConfiguration configuration, Device device)
{
    /// <summary>The model's files.</summary>
    public ModelFiles Files { get; } = files;

    /// <summary>Loads a part that is trained, from random weights where the configuration says so.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="part">The part.</param>
    /// <param name="fromNothing">Whether it begins from random weights; as the configuration says where null.</param>
    public T Trained<T>(ModelPart<T> part, bool? fromNothing = null)
        where T : Module
    {
        return fromNothing ?? configuration.FromNothing
            ? part.Build(new WeightSource(new RandomWeights(configuration.Seed), Options))
            : part.Load(Options);
    }

    /// <summary>Random weights for what is in no model: heads that are thrown away.</summary>
    /// <param name="name">A name of its own.</param>
    public WeightSource Random(string name) => new WeightSource(new RandomWeights(configuration.Seed), Options)[name];

    /// <summary>Loads a part that only helps.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="part">The part.</param>
    public T Frozen<T>(ModelPart<T> part)
        where T : Module => Trained(part, fromNothing: false);

    // Mapped files can't be written.
    private LoadOptions Options =>
        new(new Placement(device, configuration.Precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32)) { MapFiles = false };
}
