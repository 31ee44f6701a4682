using NexusGen.Core;

namespace NexusGen.Diffusion.Flux;

/// <summary>Sizes of a FLUX transformer; black-forest-labs' names (<c>FluxParams</c>).</summary>
public sealed record FluxConfiguration
{
    /// <summary>FLUX.1-dev, 12 billion parameters.</summary>
    public static FluxConfiguration FluxDev { get; } = new();

    /// <summary>Width of a token's state.</summary>
    public int HiddenSize { get; init; } = 3072;

    /// <summary>Attention heads.</summary>
    public int NumHeads { get; init; } = 24;

    /// <summary>Double-stream blocks.</summary>
    public int Depth { get; init; } = 19;

    /// <summary>Single-stream blocks.</summary>
    public int DepthSingleBlocks { get; init; } = 38;

    /// <summary>Rotary width of each axis of positions; a head's width in all.</summary>
    public IReadOnlyList<int> AxesDim { get; init; } = [16, 56, 56];

    /// <summary>Base of the rotary frequencies.</summary>
    public double Theta { get; init; } = 10_000;

    /// <summary>Width of the text context.</summary>
    public int ContextInDim { get; init; } = 4096;

    /// <summary>Width of the pooled text embedding.</summary>
    public int VecInDim { get; init; } = 768;

    /// <summary>Numbers in a latent patch: 16 channels × 2 × 2.</summary>
    public int InChannels { get; init; } = 64;

    /// <summary>Numbers in a predicted patch.</summary>
    public int OutChannels { get; init; } = 64;

    /// <summary>How much wider the feed-forward layers are inside.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Whether guidance is an input (FLUX.1-dev) or not (schnell).</summary>
    public bool GuidanceEmbed { get; init; } = true;

    /// <summary>Width of a head.</summary>
    public int HeadWidth => HiddenSize / NumHeads;

    /// <summary>Width inside the feed-forward layers.</summary>
    public int MlpWidth => (int)(HiddenSize * MlpRatio);

    /// <summary>Checks that the sizes fit one another.</summary>
    /// <exception cref="NexusGenException">They don't; the values are named.</exception>
    public FluxConfiguration Checked()
    {
        (string Name, double Value)[] sizes =
        [
            ("hidden_size", HiddenSize), ("num_heads", NumHeads), ("depth", Depth), ("depth_single_blocks", DepthSingleBlocks), ("theta", Theta),
            ("context_in_dim", ContextInDim), ("vec_in_dim", VecInDim), ("mlp_ratio", MlpRatio),
        ];
        foreach ((string name, double value) in sizes)
        {
            if (!(value > 0 && double.IsFinite(value)))
            {
                throw new NexusGenException($"FLUX: {name} is {value}, but it must be above 0.");
            }
        }

        if (HiddenSize % NumHeads != 0)
        {
            throw new NexusGenException($"FLUX: hidden_size {HiddenSize} is not a multiple of num_heads {NumHeads}.");
        }

        if (AxesDim.Count != 3 || AxesDim.Sum() != HeadWidth || AxesDim.Any(width => width <= 0 || width % 2 != 0))
        {
            throw new NexusGenException(
                $"FLUX: axes_dim [{string.Join(", ", AxesDim)}] must be three even widths that make up a head's {HeadWidth} (hidden_size {HiddenSize} / num_heads {NumHeads}).");
        }

        return InChannels == OutChannels && InChannels > 0 && InChannels % 4 == 0
            ? this
            : throw new NexusGenException($"FLUX: in_channels {InChannels} and out_channels {OutChannels} must be the same multiple of 4.");
    }
}
