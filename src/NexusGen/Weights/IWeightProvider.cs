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

    /// <summary>Provides a matrix in its stored form.</summary>
    /// <param name="request">The name, the shape and the device of the matrix.</param>
    /// <param name="wanted">
    /// Whether a form is wanted: the format of blocks, or null for signed bytes with a scale for each row.
    /// </param>
    /// <returns>
    /// The matrix, whose tensors the caller owns and which do not belong to a dispose scope, or null if it is stored in another
    /// form.
    /// </returns>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    PackedWeight? TryProvidePacked(in WeightRequest request, Func<BlockFormat?, bool> wanted) => null;

    /// <summary>Returns the type in which a tensor is stored, or null if it is not stored as it is provided.</summary>
    /// <param name="name">The full name.</param>
    ScalarType? StoredType(string name) => null;
}
