using NexusGen.Core;
using NexusGen.Weights.Modules;

namespace NexusGen.Model;

/// <summary>A part of a model that can be measured, checked and loaded.</summary>
/// <typeparam name="T">The module.</typeparam>
/// <param name="Build">Builds it from its weights.</param>
/// <param name="Checkpoint">Opens the part of the checkpoint that holds it.</param>
public sealed record ModelPart<T>(Func<WeightSource, T> Build, Func<CheckpointPart> Checkpoint)
    where T : Module
{
    /// <summary>How many bytes it takes when it is loaded, and how many of them its transformer blocks.</summary>
    /// <param name="options">How it would be loaded.</param>
    public (long Total, long Blocks) Measure(LoadOptions options) => CheckpointPart.Measure(options, Build);

    /// <summary>Loads it.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="NexusGenException">The files can't be read, or don't fit the model.</exception>
    public T Load(LoadOptions options) => Checkpoint().Load(options, Build);

    /// <summary>Loads it within a number of bytes: what does not fit is read as it is needed, block by block.</summary>
    /// <param name="options">How.</param>
    /// <param name="budget">The bytes; long.MaxValue for no bound.</param>
    /// <exception cref="NexusGenException">The files can't be read or don't fit the model, or the budget is too small.</exception>
    public T Load(LoadOptions options, long budget)
    {
        if (budget == long.MaxValue)
        {
            return Load(options);
        }

        (long total, long blocks) = Measure(options);
        return Load(options with { MapFiles = false, Residency = total <= budget ? null : new BlockResidency(budget - (total - blocks)) });
    }
}
