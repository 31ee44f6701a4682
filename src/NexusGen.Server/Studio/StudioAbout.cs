namespace NexusGen.Server.Studio;

/// <summary>What the studio's page tells about the model and the server.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="About">The description in the model's <c>nexus-gen.json</c>, or null.</param>
/// <param name="Card">The model's card as HTML, or null. The page shows its text and structure alone.</param>
/// <param name="Sizes">The sizes that the model generates, as <c>112x112</c>; empty for any.</param>
/// <param name="MaxSide">The maximum width and height of an image.</param>
/// <param name="MaxSteps">The maximum number of denoising steps.</param>
/// <param name="MaxPictures">The maximum number of images of a request.</param>
/// <param name="MaxTextLength">The maximum number of characters of a request.</param>
/// <param name="MaxBodyBytes">The maximum number of bytes of a request.</param>
/// <param name="Loras">The LoRAs that turns can name.</param>
internal sealed record StudioAbout(
    string Model,
    string? About,
    string? Card,
    IReadOnlyList<string> Sizes,
    int MaxSide,
    int MaxSteps,
    int MaxPictures,
    int MaxTextLength,
    long MaxBodyBytes,
    IReadOnlyList<StudioLora> Loras);
