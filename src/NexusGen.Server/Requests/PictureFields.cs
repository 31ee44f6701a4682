namespace NexusGen.Server.Requests;

/// <summary>
/// The field <c>picture</c> of requests: how images are generated and returned. Fields that are not set use the model's defaults.
/// </summary>
internal sealed record PictureFields
{
    /// <summary>Gets the number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets the scale of classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>Gets the guidance with which FLUX was distilled.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>Gets what an image should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Gets the width and height in pixels, as <c>512x512</c>.</summary>
    public string? Size { get; init; }

    /// <summary>Gets the seed of the initial noise; random if it is not set or −1.</summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Gets where the reply has its images: <c>markdown</c> (in its text, as <c>![…](data:…)</c>; the default) or <c>images</c>
    /// (in a separate field).
    /// </summary>
    public string? Form { get; init; }

    /// <summary>Gets the number of denoising steps between two previews of a stream.</summary>
    public int? PreviewEvery { get; init; }
}
