using NexusGen.Weights;

namespace NexusGen.Model;

/// <summary>A part of a model that can be measured, checked and loaded.</summary>
/// <typeparam name="T">The module.</typeparam>
/// <param name="Build">Builds it from its weights.</param>
/// <param name="Checkpoint">Opens the part of the checkpoint that holds it.</param>
public sealed record ModelPart<T>(Func<WeightSource, T> Build, Func<CheckpointPart> Checkpoint)
    where T : Module
{
    /// <summary>How many bytes it takes when it is loaded.</summary>
    /// <param name="options">How it would be loaded.</param>
    public long Measure(LoadOptions options) => CheckpointPart.Measure(options, Build);

    /// <summary>Loads it.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="NexusGenException">The files can't be read, or don't fit the model.</exception>
    public T Load(LoadOptions options) => Checkpoint().Load(options, Build);
}
