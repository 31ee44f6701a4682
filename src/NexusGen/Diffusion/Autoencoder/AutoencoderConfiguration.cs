using NexusGen.Core;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>Sizes of FLUX's autoencoder; black-forest-labs' names (<c>AutoEncoderParams</c>).</summary>
public sealed record AutoencoderConfiguration
{
    /// <summary>FLUX.1's autoencoder.</summary>
    public static AutoencoderConfiguration Flux { get; } = new();

    /// <summary>Colours of a picture.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Channels of the first level.</summary>
    public int Ch { get; init; } = 128;

    /// <summary>Colours that come out.</summary>
    public int OutCh { get; init; } = 3;

    /// <summary>Factor on the channels of each level; each level but the last halves the sides.</summary>
    public IReadOnlyList<int> ChMult { get; init; } = [1, 2, 4, 4];

    /// <summary>Residual blocks of a level.</summary>
    public int NumResBlocks { get; init; } = 2;

    /// <summary>Channels of the latents.</summary>
    public int ZChannels { get; init; } = 16;

    /// <summary>Factor on the latents after the shift.</summary>
    public double ScaleFactor { get; init; } = 0.3611;

    /// <summary>Taken from the latents before scaling.</summary>
    public double ShiftFactor { get; init; } = 0.1159;

    /// <summary>Groups of the norms; 32 officially.</summary>
    public int NormGroups { get; init; } = 32;

    /// <summary>How many pixels the side of a latent covers.</summary>
    public int Downscale => 1 << (ChMult.Count - 1);

    /// <summary>Checks that the sizes can be.</summary>
    /// <exception cref="NexusGenException">They can't; the values are named.</exception>
    public AutoencoderConfiguration Checked()
    {
        (string Name, int Value)[] sizes =
        [
            ("in_channels", InChannels), ("ch", Ch), ("out_ch", OutCh), ("num_res_blocks", NumResBlocks), ("z_channels", ZChannels),
            ("norm_groups", NormGroups),
        ];
        if (sizes.FirstOrDefault(size => size.Value < 1) is ({ } name, var value))
        {
            throw new NexusGenException($"Autoencoder: {name} is {value}, but must be at least 1.");
        }

        if (ChMult.Count is < 1 or > 16 || ChMult.Any(factor => factor < 1))
        {
            throw new NexusGenException($"Autoencoder: ch_mult [{string.Join(", ", ChMult)}] must be 1 to 16 factors of at least 1.");
        }

        if (ChMult.FirstOrDefault(factor => Ch * factor % NormGroups != 0) is > 0 and var odd)
        {
            throw new NexusGenException(
                $"Autoencoder: {Ch * odd} channels (ch {Ch} × ch_mult {odd}) can't be parted into norm_groups {NormGroups}.");
        }

        return double.IsFinite(ShiftFactor) && double.IsFinite(ScaleFactor) && ScaleFactor != 0
            ? this
            : throw new NexusGenException($"Autoencoder: scale_factor {ScaleFactor} and shift_factor {ShiftFactor} must be numbers, the first not 0.");
    }
}
