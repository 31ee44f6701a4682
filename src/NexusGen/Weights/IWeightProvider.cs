using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>
/// What stands behind a <see cref="WeightSource"/>: files, shapes alone, random values, or another provider under other
/// names. Safe to use from several threads.
/// </summary>
public interface IWeightProvider
{
    /// <summary>Whether a tensor of that name can be had.</summary>
    /// <param name="name">The whole name.</param>
    bool Contains(string name);

    /// <summary>Gives the tensor.</summary>
    /// <param name="request">What is asked for.</param>
    /// <returns>A tensor that the caller owns and that does not belong to a dispose scope.</returns>
    /// <exception cref="WeightException">It is missing or has another shape.</exception>
    Tensor Provide(in WeightRequest request);
}
