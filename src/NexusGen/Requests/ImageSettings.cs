using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>
/// The settings that image embeddings are decoded with. null selects the model's default for the task (<c>nexus-gen.json</c>).
/// </summary>
public sealed record ImageSettings
{
    /// <summary>Gets the number of denoising steps; officially 50.</summary>
    public int? Steps { get; init; }

    /// <summary>
    /// Gets the scale of classifier-free guidance; officially 3 for generation and 1 for editing. At 1 the negative branch is not
    /// computed.
    /// </summary>
    public double? CfgScale { get; init; }

    /// <summary>Gets the guidance that FLUX was distilled with and receives as an input; officially 3.5.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>
    /// Gets what the image should not show. Used only if <see cref="CfgScale"/> is not 1. Empty by default.
    /// </summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>
    /// Gets the width in pixels; officially 512. It is rounded up to a multiple of the model's latent patches, officially 16. A
    /// model that generates only certain sizes generates the nearest one, which is then resized as <see cref="Fit"/> says.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>Gets the height in pixels; officially 512. See <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Gets how an image of a size that the model does not generate is made.</summary>
    public SizeFit Fit { get; init; }

    /// <summary>Gets the seed of the noise; officially 52 for generation and 42 for editing.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets the number of images that are decoded from the same embeddings, with consecutive seeds.</summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Gets the image to start from instead of pure noise, or null for none. It is scaled to the output's size.
    /// </summary>
    public RgbImage? StartImage { get; init; }

    /// <summary>Gets the strength of the noise that is added to a start image; 1 replaces it completely.</summary>
    public double DenoisingStrength { get; init; } = 1;

    /// <summary>
    /// Gets the threshold of TeaCache, or null to not use it. The larger it is, the more steps reuse the result of an earlier
    /// one.
    /// </summary>
    public double? TeaCacheThreshold { get; init; }

    /// <summary>
    /// Gets the number of steps between two previews (<see cref="ReplyUpdate.Preview"/>), or null for none. A preview is the
    /// transformer's estimate of the clean image, decoded. It is omitted while the autoencoder is not loaded, for example because
    /// it does not fit into memory beside the decoder.
    /// </summary>
    public int? PreviewEvery { get; init; }

    /// <summary>
    /// Gets the LoRA files of the decoders (FLUX), with their strengths; none by default. They change the decoder that decodes
    /// the image, for this request only.
    /// </summary>
    public IReadOnlyList<LoraSettings> Loras { get; init; } = [];
}
