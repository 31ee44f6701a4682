namespace NexusGen.Diffusion.Autoencoder;

/// <summary>The prefixes of the parts in the file of the autoencoder, for reading and writing it.</summary>
internal static class AutoencoderNames
{
    /// <summary>The encoder.</summary>
    public const string Encoder = "encoder.";

    /// <summary>The decoder.</summary>
    public const string Decoder = "decoder.";
}
