using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A table of learned vectors, one a token.</summary>
public sealed class Embedding : Module
{
    private readonly Parameter _weight;

    /// <summary>Loads a table.</summary>
    /// <param name="source">Its place; the name there is <c>weight</c>.</param>
    /// <param name="count">How many vectors it holds.</param>
    /// <param name="width">Their width.</param>
    /// <param name="deviation">The standard deviation of new vectors when trained from nothing.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public Embedding(WeightSource source, long count, long width, double deviation = 0.02)
        : base(source) =>
        _weight = Own(source.Parameter("weight", [count, width], Initialization.Normal(deviation)));

    /// <summary>The whole table, [count, width].</summary>
    public Tensor Weight => _weight.Value;

    /// <summary>The vectors of some tokens.</summary>
    /// <param name="ids">[…], int64.</param>
    /// <returns>[…, width].</returns>
    public Tensor Forward(Tensor ids) => _weight.Value.index_select(0, ids.flatten()).view([.. ids.shape, _weight.Value.shape[1]]);
}
