using NexusGen.Core;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>The sizes of the FLUX autoencoder, with the names of black-forest-labs (<c>AutoEncoderParams</c>).</summary>
public sealed record AutoencoderConfiguration
{
    /// <summary>Gets the sizes of the FLUX.1 autoencoder.</summary>
    public static AutoencoderConfiguration Flux { get; } = new();

    /// <summary>Gets the number of channels of an input image.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Gets the number of channels of the first level.</summary>
    public int Ch { get; init; } = 128;

    /// <summary>Gets the number of channels of an output image.</summary>
    public int OutCh { get; init; } = 3;

    /// <summary>Gets the channel multiplier of each level. Each level except the last one halves both sides.</summary>
    public IReadOnlyList<int> ChMult { get; init; } = [1, 2, 4, 4];

    /// <summary>Gets the number of residual blocks per level.</summary>
    public int NumResBlocks { get; init; } = 2;

    /// <summary>Gets the number of channels of the latents.</summary>
    public int ZChannels { get; init; } = 16;

    /// <summary>Gets the factor by which latents are multiplied after the shift.</summary>
    public double ScaleFactor { get; init; } = 0.3611;

    /// <summary>Gets the shift that is subtracted from latents before scaling.</summary>
    public double ShiftFactor { get; init; } = 0.1159;

    /// <summary>Gets the number of groups of the group norms, 32 in the official model.</summary>
    public int NormGroups { get; init; } = 32;

    /// <summary>Gets the number of pixels that one latent covers along each side.</summary>
    public int Downscale => 1 << (ChMult.Count - 1);

    /// <summary>Validates the sizes.</summary>
    /// <exception cref="NexusGenException">The sizes are invalid; the message names the values.</exception>
    public AutoencoderConfiguration Checked()
    {
        (string Name, int Value)[] sizes =
        [
            ("in_channels", InChannels), ("ch", Ch), ("out_ch", OutCh), ("num_res_blocks", NumResBlocks),
            ("z_channels", ZChannels), ("norm_groups", NormGroups),
        ];
        if (sizes.FirstOrDefault(size => size.Value < 1) is ({ } name, var value))
        {
            throw new NexusGenException($"Autoencoder: {name} is {value}, but must be at least 1.");
        }

        if (ChMult.Count is < 1 or > 16 || ChMult.Any(factor => factor < 1))
        {
            throw new NexusGenException(
                $"Autoencoder: ch_mult [{string.Join(", ", ChMult)}] must be 1 to 16 factors of at least 1.");
        }

        if (ChMult.FirstOrDefault(factor => Ch * factor % NormGroups != 0) is > 0 and var odd)
        {
            throw new NexusGenException(
                $"Autoencoder: {Ch * odd} channels (ch {Ch} × ch_mult {odd}) can't be divided into norm_groups {NormGroups}.");
        }

        return double.IsFinite(ShiftFactor) && double.IsFinite(ScaleFactor) && ScaleFactor != 0
            ? this
            : throw new NexusGenException(
                $"Autoencoder: scale_factor {ScaleFactor} and shift_factor {ShiftFactor} must be numbers, the first not 0.");
    }
}
