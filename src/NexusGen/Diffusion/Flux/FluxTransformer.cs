using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// The FLUX transformer (black-forest-labs/flux, <c>model.py</c>): double-stream blocks with separate weights for image and text,
/// then single-stream blocks over both. In Nexus-Gen, image embeddings replace the text. Tensor names are those of
/// black-forest-labs; see <see cref="FluxNames"/> for others.
/// </summary>
internal sealed class FluxTransformer : Module
{
    private readonly FluxConfiguration _configuration;
    private readonly Linear _imgIn;
    private readonly Linear _txtIn;
    private readonly MlpEmbedder _timeIn;
    private readonly MlpEmbedder _vectorIn;
    private readonly MlpEmbedder? _guidanceIn;
    private readonly BlockList<DoubleStreamBlock> _doubleBlocks;
    private readonly BlockList<SingleStreamBlock> _singleBlocks;
    private readonly FluxLastLayer _finalLayer;

    /// <summary>Loads the transformer.</summary>
    /// <param name="source">The source of its weights.</param>
    /// <param name="configuration">The sizes.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    /// <exception cref="NexusGenException">The sizes are invalid or inconsistent.</exception>
    public FluxTransformer(WeightSource source, FluxConfiguration configuration)
        : base(source)
    {
        FluxConfiguration c = _configuration = configuration.Checked();
        Placement = source.Options.Placement;
        _imgIn = Own(new Linear(source.Ends["img_in"], c.InChannels, c.HiddenSize));
        _timeIn = Own(new MlpEmbedder(source.Ends["time_in"], FluxPositions.SinusoidWidth, c.HiddenSize));
        _vectorIn = Own(new MlpEmbedder(source.Ends["vector_in"], c.VecInDim, c.HiddenSize));
        _guidanceIn = c.GuidanceEmbed
            ? Own(new MlpEmbedder(source.Ends["guidance_in"], FluxPositions.SinusoidWidth, c.HiddenSize))
            : null;
        _txtIn = Own(new Linear(source.Ends["txt_in"], c.ContextInDim, c.HiddenSize));
        _doubleBlocks = Own(new BlockList<DoubleStreamBlock>(
            source["double_blocks"],
            c.Depth,
            place => new DoubleStreamBlock(place, c)));
        _singleBlocks = Own(new BlockList<SingleStreamBlock>(
            source["single_blocks"],
            c.DepthSingleBlocks,
            place => new SingleStreamBlock(place, c)));
        _finalLayer = Own(new FluxLastLayer(source.Ends["final_layer"], c));
    }

    /// <summary>Gets the sizes of the transformer.</summary>
    public FluxConfiguration Configuration => _configuration;

    /// <summary>Gets the device and precision.</summary>
    public Placement Placement { get; }

    /// <summary>Gets or sets the runner of the blocks, or null to run them one after the other.</summary>
    public BlockRunner? BlockRunner { get; set; }

    /// <summary>
    /// Predicts the velocity of noisy latents. Timestep, guidance and text ids can differ between the rows of the batch.
    /// </summary>
    /// <param name="latents">[batch, channels, height, width], even sides.</param>
    /// <param name="timestep">[batch], 0 to 1000.</param>
    /// <param name="context">[batch, tokens, context width].</param>
    /// <param name="pooled">[batch, pooled width].</param>
    /// <param name="guidance">[batch]; ignored by a model without guidance.</param>
    /// <param name="textIds">[batch, tokens, 3], floating-point.</param>
    /// <param name="cache">
    /// Decides whether to compute the blocks or to reuse the residual of an earlier step; null to always compute.
    /// </param>
    /// <returns>[batch, channels, height, width].</returns>
    /// <exception cref="NexusGenException">A tensor has another shape.</exception>
    public Tensor Forward(
        Tensor latents,
        Tensor timestep,
        Tensor context,
        Tensor pooled,
        Tensor guidance,
        Tensor textIds,
        TeaCache? cache = null)
    {
        CheckShapes(latents, timestep, context, pooled, guidance, textIds);
        using var scope = NewDisposeScope();
        ScalarType type = Placement.Precision;
        Tensor vector = _timeIn.Forward(FluxPositions.Sinusoids(timestep).to(type)).Plus(_vectorIn.Forward(pooled.to(type)));
        if (_guidanceIn is not null)
        {
            vector = vector.Plus(_guidanceIn.Forward(
                FluxPositions.Sinusoids(guidance.to(ScalarType.Float32) * Scalars.Of(1000)).to(type)));
        }

        Tensor activated = Ops.Silu(vector);
        Tensor img = _imgIn.Forward(Patchify(latents.to(type)));
        Tensor entered = img;
        if (cache is null || cache.MustCompute(() => _doubleBlocks[0].FirstModulatedInput(entered, activated)))
        {
            Tensor txt = _txtIn.Forward(context.to(type));
            FluxRotary rotary = FluxPositions.Rotary(_configuration, textIds, latents);
            img = RunBlocks(img, txt, activated, rotary);
            cache?.Remember(img - entered);
        }
        else
        {
            img = img.Plus(cache.Residual);
        }

        return Unpatchify(_finalLayer.Forward(img, activated), latents.shape[2] / 2, latents.shape[3] / 2)
            .MoveToOuterDisposeScope();
    }

    // The fused kernels access raw memory, so tensors with the wrong shape must not reach them.
    private void CheckShapes(Tensor latents, Tensor timestep, Tensor context, Tensor pooled, Tensor guidance, Tensor textIds)
    {
        FluxConfiguration c = _configuration;
        if (latents.ndim != 4
            || latents.shape[1] != c.InChannels / 4
            || latents.shape[2] % 2 != 0
            || latents.shape[3] % 2 != 0
            || latents.numel() == 0)
        {
            throw Misshapen("latents", latents, $"[batch, {c.InChannels / 4}, height, width] with even sides");
        }

        long batch = latents.shape[0], tokens = context.ndim == 3 ? context.shape[1] : 0;
        Check("context", context, batch, tokens, c.ContextInDim);
        Check("text ids", textIds, batch, tokens, c.AxesDim.Count);
        Check("pooled embedding", pooled, batch, c.VecInDim);
        Check("timestep", timestep, batch);
        if (c.GuidanceEmbed)
        {
            Check("guidance", guidance, batch);
        }
    }

    private static void Check(string name, Tensor tensor, params ReadOnlySpan<long> expected)
    {
        if (!expected.SequenceEqual(tensor.shape))
        {
            throw Misshapen(name, tensor, $"[{string.Join(", ", expected.ToArray())}]");
        }
    }

    private static NexusGenException Misshapen(string name, Tensor tensor, string expected) =>
        new($"The shape of FLUX's {name} is [{string.Join(", ", tensor.shape)}], but {expected} is expected.");

    private Tensor RunBlocks(Tensor img, Tensor txt, Tensor vector, FluxRotary rotary)
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < _doubleBlocks.Count; i++)
        {
            (img, txt) = BlockRunner is { } runner
                ? RunDouble(runner, i, img, txt, vector, rotary)
                : _doubleBlocks[i].Forward(img, txt, vector, rotary);
        }

        Tensor all = cat([txt, img], 1);
        for (int i = 0; i < _singleBlocks.Count; i++)
        {
            // A runner's block is requested at each use: a streamed one is no longer loaded when the backward pass reaches it.
            int number = i;
            all = BlockRunner is { } runner
                ? runner(
                    inputs => [_singleBlocks[number].Forward(inputs[0], inputs[1], new FluxRotary(inputs[2], inputs[3]))],
                    all,
                    vector,
                    rotary.Cos,
                    rotary.Sin)[0]
                : _singleBlocks[i].Forward(all, vector, rotary);
        }

        return all.narrow(1, txt.shape[1], img.shape[1]).MoveToOuterDisposeScope();
    }

    private (Tensor Img, Tensor Txt) RunDouble(
        BlockRunner runner,
        int number,
        Tensor img,
        Tensor txt,
        Tensor vector,
        FluxRotary rotary)
    {
        IReadOnlyList<Tensor> Block(IReadOnlyList<Tensor> inputs)
        {
            (Tensor picture, Tensor text) = _doubleBlocks[number].Forward(
                inputs[0], inputs[1], inputs[2], new FluxRotary(inputs[3], inputs[4]));
            return [picture, text];
        }

        IReadOnlyList<Tensor> streams = runner(Block, img, txt, vector, rotary.Cos, rotary.Sin);
        return (streams[0], streams[1]);
    }

    // 2×2 latents become one token: channels first, then rows and columns within the patch.
    private static Tensor Patchify(Tensor latents)
    {
        long batch = latents.shape[0], channels = latents.shape[1], height = latents.shape[2] / 2, width = latents.shape[3] / 2;
        return latents.view(batch, channels, height, 2, width, 2)
            .permute(0, 2, 4, 1, 3, 5)
            .reshape(batch, height * width, channels * 4);
    }

    private static Tensor Unpatchify(Tensor tokens, long height, long width)
    {
        long batch = tokens.shape[0], channels = tokens.shape[2] / 4;
        return tokens.view(batch, height, width, channels, 2, 2)
            .permute(0, 3, 1, 4, 2, 5)
            .reshape(batch, channels, height * 2, width * 2);
    }
}
