using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>The stored weight of one linear layer, logically [out, in], in the form that its storage format uses.</summary>
internal abstract class LinearWeight
{
    /// <summary>Gets the stored parameters, under their checkpoint names.</summary>
    public abstract IEnumerable<Parameter> Parameters { get; }

    /// <summary>Computes input · weightᵀ + bias.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public abstract Tensor Multiply(Tensor input, Tensor? bias);

    /// <summary>Converts the weight to a plain matrix.</summary>
    /// <param name="type">The element type of the matrix.</param>
    /// <returns>[out, in]; a new tensor, or the stored one if it has that type already.</returns>
    public abstract Tensor Widen(ScalarType type);
}
