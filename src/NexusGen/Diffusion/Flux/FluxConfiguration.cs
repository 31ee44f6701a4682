using NexusGen.Core;

namespace NexusGen.Diffusion.Flux;

/// <summary>The sizes of a FLUX transformer, with the names of black-forest-labs (<c>FluxParams</c>).</summary>
public sealed record FluxConfiguration
{
    /// <summary>Gets the sizes of FLUX.1-dev, 12 billion parameters.</summary>
    public static FluxConfiguration FluxDev { get; } = new();

    /// <summary>Gets the width of a hidden state.</summary>
    public int HiddenSize { get; init; } = 3072;

    /// <summary>Gets the number of attention heads.</summary>
    public int NumHeads { get; init; } = 24;

    /// <summary>Gets the number of double-stream blocks.</summary>
    public int Depth { get; init; } = 19;

    /// <summary>Gets the number of single-stream blocks.</summary>
    public int DepthSingleBlocks { get; init; } = 38;

    /// <summary>Gets the rotary width of each position axis. They add up to the head width.</summary>
    public IReadOnlyList<int> AxesDim { get; init; } = [16, 56, 56];

    /// <summary>Gets the base of the rotary frequencies.</summary>
    public double Theta { get; init; } = 10_000;

    /// <summary>Gets the width of the text context.</summary>
    public int ContextInDim { get; init; } = 4096;

    /// <summary>Gets the width of the pooled text embedding.</summary>
    public int VecInDim { get; init; } = 768;

    /// <summary>Gets the number of values in a latent patch: 16 channels × 2 × 2.</summary>
    public int InChannels { get; init; } = 64;

    /// <summary>Gets the number of values in a predicted patch.</summary>
    public int OutChannels { get; init; } = 64;

    /// <summary>Gets the ratio of the inner width of the feed-forward layers to the hidden width.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Gets whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Gets whether guidance is an input (FLUX.1-dev) or not (FLUX.1-schnell).</summary>
    public bool GuidanceEmbed { get; init; } = true;

    /// <summary>Gets the width of a head.</summary>
    public int HeadWidth => HiddenSize / NumHeads;

    /// <summary>Gets the inner width of the feed-forward layers.</summary>
    public int MlpWidth => (int)(HiddenSize * MlpRatio);

    /// <summary>Validates the sizes.</summary>
    /// <exception cref="NexusGenException">The sizes are invalid or inconsistent; the message names the values.</exception>
    public FluxConfiguration Checked()
    {
        (string Name, double Value)[] sizes =
        [
            ("hidden_size", HiddenSize), ("num_heads", NumHeads), ("depth", Depth),
            ("depth_single_blocks", DepthSingleBlocks), ("theta", Theta), ("context_in_dim", ContextInDim),
            ("vec_in_dim", VecInDim), ("mlp_ratio", MlpRatio),
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
                $"FLUX: axes_dim [{string.Join(", ", AxesDim)}] must be three even widths whose sum is the head width "
                + $"{HeadWidth} (hidden_size {HiddenSize} / num_heads {NumHeads}).");
        }

        return InChannels == OutChannels && InChannels > 0 && InChannels % 4 == 0
            ? this
            : throw new NexusGenException(
                $"FLUX: in_channels {InChannels} and out_channels {OutChannels} must be the same multiple of 4.");
    }
}
