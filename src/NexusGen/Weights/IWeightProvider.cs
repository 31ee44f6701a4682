using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>
/// Provides the tensors of a <see cref="WeightSource"/>: from files, as shapes only, as random values, or from another provider
/// under other names. Safe to use from several threads.
/// </summary>
internal interface IWeightProvider
{
    /// <summary>Whether the provider has a tensor of that name.</summary>
    /// <param name="name">The full name.</param>
    bool Contains(string name);

    /// <summary>Provides a tensor.</summary>
    /// <param name="request">The name and the properties of the tensor.</param>
    /// <returns>A tensor that the caller owns and that does not belong to a dispose scope.</returns>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    Tensor Provide(in WeightRequest request);
}
