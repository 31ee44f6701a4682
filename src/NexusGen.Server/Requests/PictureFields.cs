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

    /// <summary>
    /// Gets how an image of a size that the model does not generate is made from the nearest one: <c>contain</c> (with margins;
    /// the default), <c>cover</c> (cropped) or <c>exact</c> (the request is refused).
    /// </summary>
    public string? Fit { get; init; }

    /// <summary>
    /// Gets what the last message asks for: <c>auto</c> (the default), <c>draw</c> (or <c>generate</c>), <c>edit</c> or
    /// <c>ask</c>. It decides whether the last image of the conversation is edited if the message has none.
    /// </summary>
    public string? Action { get; init; }

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
