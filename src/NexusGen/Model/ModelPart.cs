using NexusGen.Core;
using NexusGen.Weights.Modules;

namespace NexusGen.Model;

/// <summary>A component of a model that can be measured, checked and loaded.</summary>
/// <typeparam name="T">The type of the module.</typeparam>
/// <param name="Build">Builds the module from its weights.</param>
/// <param name="Checkpoint">Opens the part of the checkpoint that contains the component.</param>
internal sealed record ModelPart<T>(Func<WeightSource, T> Build, Func<CheckpointPart> Checkpoint)
    where T : Module
{
    /// <summary>
    /// Returns the number of bytes of the loaded component, and how many of them are in its transformer blocks.
    /// </summary>
    /// <param name="options">The loading options.</param>
    public (long Total, long Blocks) Measure(LoadOptions options) => CheckpointPart.Measure(options, Build);

    /// <summary>Loads the component.</summary>
    /// <param name="options">The loading options.</param>
    /// <exception cref="NexusGenException">The files can't be read or don't match the model.</exception>
    public T Load(LoadOptions options) => Checkpoint().Load(options, Build);

    /// <summary>Loads the component within a memory budget. Blocks that don't fit are read when they are needed.</summary>
    /// <param name="options">The loading options.</param>
    /// <param name="budget">The budget in bytes, or <c>long.MaxValue</c> for no limit.</param>
    /// <exception cref="NexusGenException">
    /// The files can't be read or don't match the model, or the budget is too small.
    /// </exception>
    public T Load(LoadOptions options, long budget)
    {
        if (budget == long.MaxValue)
        {
            return Load(options);
        }

        (long total, long blocks) = Measure(options);
        return Load(options with
        {
            MapFiles = false,
            Residency = total <= budget ? null : new BlockResidency(budget - (total - blocks))
        });
    }
}
