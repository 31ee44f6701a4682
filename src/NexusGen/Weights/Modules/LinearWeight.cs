using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>The stored weight of one linear layer, [out, in] in meaning, in whatever form its format keeps.</summary>
public abstract class LinearWeight
{
    /// <summary>What it stores, under checkpoint names.</summary>
    public abstract IEnumerable<Parameter> Parameters { get; }

    /// <summary>input · weightᵀ + bias.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public abstract Tensor Multiply(Tensor input, Tensor? bias);

    /// <summary>The weight as a plain matrix.</summary>
    /// <param name="type">The type wanted.</param>
    /// <returns>[out, in]; a new tensor, or the stored one where it is of that type already.</returns>
    public abstract Tensor Widen(ScalarType type);
}
