using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>
/// Merges the embeddings of the image to generate with those of the source: Qwen2.5 decoder layers without a causal mask, with
/// positions scaled to a common base grid, then a projector to the context of FLUX. Tensor names as in <c>edit_decoder.bin</c>
/// under <c>embedding_merger.</c>.
/// </summary>
internal sealed class EmbeddingMerger : Module
{
    private readonly GridThw _base;
    private readonly LanguageModelConfiguration _configuration;
    private readonly RotaryEmbedding _rotary;
    private readonly BlockList<DecoderLayer> _layers;
    private readonly RmsNorm _normIn;
    private readonly Linear _in;
    private readonly RmsNorm _normInner;
    private readonly Linear _out;
    private readonly RmsNorm _normOut;

    /// <summary>Loads the merger.</summary>
    /// <param name="source">The source of its weights.</param>
    /// <param name="configuration">The sizes of the language model, which the layers share.</param>
    /// <param name="layers">The number of layers, 1 in the official model.</param>
    /// <param name="outWidth">The width of the context.</param>
    /// <param name="expandRatio">The ratio of the inner width of the projector to the width of the context.</param>
    /// <param name="baseGrid">The grid to which positions are scaled.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public EmbeddingMerger(
        WeightSource source,
        LanguageModelConfiguration configuration,
        int layers,
        int outWidth,
        int expandRatio,
        GridThw baseGrid)
        : base(source)
    {
        LanguageModelConfiguration c = _configuration = configuration;
        int inner = outWidth * expandRatio;
        _base = baseGrid;
        _rotary = new RotaryEmbedding(c.HeadWidth, c.RopeTheta, c.MropeSection);
        _layers = Own(new BlockList<DecoderLayer>(source["layers"], layers, block => new DecoderLayer(block, c)));
        _normIn = Own(new RmsNorm(source["projector.0"], c.HiddenSize, c.RmsNormEps));
        _in = Own(new Linear(source["projector.1"], c.HiddenSize, inner));
        _normInner = Own(new RmsNorm(source["projector.2"], inner, c.RmsNormEps));
        _out = Own(new Linear(source["projector.4"], inner, outWidth));
        _normOut = Own(new RmsNorm(source["projector.5"], outWidth, c.RmsNormEps));
    }

    /// <summary>Gets the width of the context.</summary>
    public long OutWidth => _out.OutFeatures;

    /// <summary>Gets the side of the square of patches that are merged into one embedding.</summary>
    public int Merge => _configuration.Vision.SpatialMergeSize;

    /// <summary>Computes the context of the embeddings of an image and, if present, of the source.</summary>
    /// <param name="embeddings">[batch, tokens, width]: the embeddings of the image to generate.</param>
    /// <param name="grid">Its grid in patches.</param>
    /// <param name="source">[batch, tokens, width]: the embeddings of the source, or null for none.</param>
    /// <param name="sourceGrid">Its grid in patches.</param>
    /// <returns>[batch, tokens of both, out width], the image to generate first.</returns>
    /// <exception cref="NexusGenException">The embeddings don't match the grid.</exception>
    public Tensor Forward(Tensor embeddings, GridThw grid, Tensor? source = null, GridThw sourceGrid = default)
    {
        using var scope = NewDisposeScope();
        Check(embeddings, grid);
        if (source is not null)
        {
            Check(source, sourceGrid);
        }

        Tensor states = source is null ? embeddings : cat([embeddings, source], 1);
        Tensor positions = source is null ? Positions(grid) : cat([Positions(grid), Positions(sourceGrid)], 1);
        (Tensor cos, Tensor sin) = _rotary.Angles(positions.unsqueeze(1), states.dtype, states.device);
        foreach (DecoderLayer layer in _layers.Blocks)
        {
            states = layer.Forward(states, cos, sin, (q, k, v) => Ops.Attention(q, k, v));
        }

        Tensor inner = Ops.Silu(_normInner.Forward(_in.Forward(_normIn.Forward(states))));
        return _normOut.Forward(_out.Forward(inner)).MoveToOuterDisposeScope();
    }

    private void Check(Tensor embeddings, GridThw grid)
    {
        int width = _configuration.HiddenSize;
        RopeIndex.Check(grid, Merge);
        if (embeddings.dim() != 3 || embeddings.shape[1] != grid.Tokens(Merge) || embeddings.shape[2] != width)
        {
            throw new NexusGenException(
                $"The merger got embeddings of the shape [{string.Join(", ", embeddings.shape)}], "
                + $"but an image with the grid {grid} has "
                + $"[batch, {grid.Tokens(Merge)}, {width}].");
        }
    }

    // [3, tokens]: time, row and column on the base grid. The time of a still image is 0, both for the target and the source.
    private Tensor Positions(GridThw grid)
    {
        long rows = grid.H / Merge, columns = grid.W / Merge;
        Tensor t = (Arithmetic.Range(grid.T, ScalarType.Float32) * Scalars.Of(_configuration.Vision.TokensPerSecond))
            .view(-1, 1, 1)
            .expand(grid.T, rows, columns);
        Tensor i = (Arithmetic.Range(rows, ScalarType.Float32) * Scalars.Of((double)_base.H / grid.H))
            .view(1, -1, 1)
            .expand(grid.T, rows, columns);
        Tensor j = (Arithmetic.Range(columns, ScalarType.Float32) * Scalars.Of((double)_base.W / grid.W))
            .view(1, 1, -1)
            .expand(grid.T, rows, columns);
        return stack([t, i, j], 0).view(3, -1);
    }
}
