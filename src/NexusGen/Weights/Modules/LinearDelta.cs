using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// What an adapter (LoRA) changes in some rows of the weight or of the bias of one linear layer. The stored weight stays as it
/// is: the change of the output is computed beside it. It owns its tensors.
/// </summary>
/// <param name="start">The first output feature that changes.</param>
/// <param name="count">The number of output features that change.</param>
internal abstract class LinearDelta(long start, long count) : IDisposable
{
    /// <summary>Gets the first output feature that changes.</summary>
    public long Start { get; } = start;

    /// <summary>Gets the number of output features that change.</summary>
    public long Count { get; } = count;

    /// <summary>Gets the number of bytes of its tensors.</summary>
    public long ByteLength => Tensors.Sum(tensor => tensor.NumberOfElements * tensor.ElementSize);

    /// <summary>Gets the tensors.</summary>
    protected abstract IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>Computes what is added to the output of the layer.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="product">Computes input · weightᵀ with the stored weight, […, out].</param>
    /// <param name="strength">The factor of the change.</param>
    /// <returns>[…, count] or [count], in the input's type; in the current dispose scope.</returns>
    public abstract Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength);

    /// <summary>Computes what is added to the weight at strength 1.</summary>
    /// <param name="weight">Returns the rows of the stored weight that change, [count, in] in float32.</param>
    /// <returns>[count, in] in float32, or null if the weight does not change.</returns>
    public virtual Tensor? WeightChange(Func<Tensor> weight) => null;

    /// <summary>Computes what is added to the bias at strength 1.</summary>
    /// <returns>[count] in float32, or null if the bias does not change.</returns>
    public virtual Tensor? BiasChange() => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Detaches a tensor from the dispose scope that created it.</summary>
    protected static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();
}
