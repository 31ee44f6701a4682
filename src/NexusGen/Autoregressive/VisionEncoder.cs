using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// The vision encoder of Qwen2.5-VL: encodes patches of pixels into embeddings of the language model's width. Most blocks attend
/// within windows of 112×112 pixels, a few to the full image. The language model reads these embeddings and is trained to predict
/// them. The names of the weights are those of the checkpoint below <c>visual.</c>.
/// </summary>
internal sealed class VisionEncoder : Module
{
    private const double RotaryTheta = 10000;
    private const double Epsilon = 1e-6;

    private readonly VisionConfiguration _configuration;
    private readonly Parameter _patchEmbedding;
    private readonly BlockList<VisionBlock> _blocks;
    private readonly RmsNorm _mergerNorm;
    private readonly Linear _mergerIn;
    private readonly Linear _mergerOut;

    /// <summary>Loads the encoder.</summary>
    /// <param name="source">The weights of the encoder, <c>visual</c> in the checkpoint.</param>
    /// <param name="configuration">The configuration of the encoder.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public VisionEncoder(WeightSource source, VisionConfiguration configuration)
        : base(source)
    {
        _configuration = configuration;
        VisionConfiguration c = configuration;
        _patchEmbedding = Own(source["patch_embed.proj"].Parameter(
            "weight",
            [c.HiddenSize, c.InChannels, c.TemporalPatchSize, c.PatchSize, c.PatchSize],
            Initialization.FanIn(c.PatchLength)));
        _blocks = Own(new BlockList<VisionBlock>(source["blocks"], c.Depth, place => new VisionBlock(place, c)));
        int merged = c.HiddenSize * c.SpatialMergeSize * c.SpatialMergeSize;
        _mergerNorm = Own(new RmsNorm(source["merger.ln_q"], c.HiddenSize, Epsilon));
        _mergerIn = Own(new Linear(source.Ends["merger.mlp.0"], merged, merged));
        _mergerOut = Own(new Linear(source.Ends["merger.mlp.2"], merged, c.OutHiddenSize));
    }

    /// <summary>Gets the configuration of the encoder.</summary>
    public VisionConfiguration Configuration => _configuration;

    /// <summary>Encodes images.</summary>
    /// <param name="pixelValues">The patches of all images, [patches, patch length], in the order of the image processor.</param>
    /// <param name="grids">The grids of the images.</param>
    /// <returns>The embeddings, [embeddings of all images, out width], image after image, row after row.</returns>
    /// <exception cref="NexusGenException">The patches do not match the grids.</exception>
    public Tensor Forward(Tensor pixelValues, IReadOnlyList<GridThw> grids)
    {
        using var scope = NewDisposeScope();
        var layout = new VisionLayout(grids, _configuration);
        long patches = grids.Sum(grid => grid.Patches);
        if (grids.Count == 0
            || pixelValues.dim() != 2
            || pixelValues.shape[0] != patches
            || pixelValues.shape[1] != _configuration.PatchLength)
        {
            throw new NexusGenException(
                $"The vision encoder got patches of the shape [{string.Join(", ", pixelValues.shape)}], "
                + $"but the {grids.Count} grids take "
                + $"[{patches}, {_configuration.PatchLength}].");
        }

        Tensor weight = _patchEmbedding.Value;
        Tensor states = nn.functional.linear(
            pixelValues.to(weight.dtype, weight.device), weight.view(_configuration.HiddenSize, -1));

        // The patches are ordered by windows, which makes each window a range of rows.
        Tensor order = layout.PatchOrder.to(weight.device);
        states = states.index_select(0, order);
        (Tensor cos, Tensor sin) = layout.Rotary(RotaryTheta, states.dtype, weight.device, order);
        int number = 0;
        foreach (VisionBlock block in _blocks.Blocks)
        {
            bool whole = _configuration.FullattBlockIndexes.Contains(number++);
            states = block.Forward(states, cos, sin, whole ? layout.Frames : layout.Windows);
        }

        Tensor merged = _mergerNorm.Forward(states).view(-1, _mergerIn.InFeatures);
        Tensor embeddings = _mergerOut.Forward(Ops.Gelu(_mergerIn.Forward(merged)));
        embeddings = embeddings.index_select(0, layout.EmbeddingOrder.to(weight.device));
        return (_configuration.EmbeddingNorm ? Normalized(embeddings) : embeddings).MoveToOuterDisposeScope();
    }

    private static Tensor Normalized(Tensor embeddings)
    {
        Tensor wide = embeddings.to(ScalarType.Float32);
        return (wide * wide.Squared().mean([-1], keepdim: true).Plus(Scalars.Of(Epsilon)).rsqrt()).to(embeddings.dtype);
    }
}
