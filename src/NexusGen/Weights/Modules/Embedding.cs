using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>A table of learned embeddings, one per token.</summary>
internal sealed class Embedding : Module
{
    private readonly Parameter _weight;
    private readonly ScalarType _precision;

    /// <summary>Loads a table.</summary>
    /// <param name="source">The weights of the layer, named <c>weight</c>.</param>
    /// <param name="count">The number of embeddings.</param>
    /// <param name="width">The width of an embedding.</param>
    /// <param name="deviation">The standard deviation of the initial values when training from scratch.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public Embedding(WeightSource source, long count, long width, double deviation = 0.02)
        : base(source)
    {
        Placement placement = source.Options.Placement;
        _weight = Own(source.Parameter("weight", [count, width], Initialization.Normal(deviation), placement.Storage));
        _precision = placement.Precision;
    }

    /// <summary>Gets the complete table, [count, width], in the placement's type of storage.</summary>
    public Tensor Weight => _weight.Value;

    /// <summary>Computes the products with all embeddings: the logits of a head that shares its weight with the table.</summary>
    /// <param name="states">[…, width].</param>
    /// <returns>[…, count] in the type of the states.</returns>
    public Tensor Project(Tensor states) => DenseFormat.Multiply(states, _weight.Value, null);

    /// <summary>Looks up the embeddings of tokens.</summary>
    /// <param name="ids">The token ids, […], int64.</param>
    /// <returns>[…, width] in the placement's precision.</returns>
    public Tensor Forward(Tensor ids) =>
        _weight.Value.index_select(0, ids.flatten()).view([.. ids.shape, _weight.Value.shape[1]]).to(_precision);
}
