namespace NexusGen.Server.Studio;

/// <summary>The settings of the server that the studio's page needs.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Generate">The defaults of generated images.</param>
/// <param name="Edit">The defaults of edited images.</param>
/// <param name="MaxSteps">The maximum number of denoising steps.</param>
/// <param name="Sizes">The sizes that the model generates, as <c>112x112</c>; empty for any.</param>
/// <param name="Chooses">Whether the model chooses between a new image and an edit of the last one.</param>
/// <param name="SeedChangesImages">Whether another seed gives another image.</param>
/// <param name="MaxSide">The maximum width and height of an image.</param>
/// <param name="MaxBodyBytes">The maximum number of bytes of a request.</param>
/// <param name="Loras">The LoRAs that turns can name.</param>
internal sealed record StudioSettings(
    string Model,
    StudioDefaults Generate,
    StudioDefaults Edit,
    int MaxSteps,
    IReadOnlyList<string> Sizes,
    bool Chooses,
    bool SeedChangesImages,
    int MaxSide,
    long MaxBodyBytes,
    IReadOnlyList<StudioLora> Loras);

/// <summary>A LoRA that turns can name.</summary>
/// <param name="Name">The name.</param>
/// <param name="AppliesTo">What it changes: <c>decoders</c> (images) or <c>language_model</c> (texts and images).</param>
internal sealed record StudioLora(string Name, string AppliesTo);

/// <summary>The defaults of a task.</summary>
/// <param name="Steps">The number of denoising steps.</param>
/// <param name="CfgScale">The scale of classifier-free guidance.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal sealed record StudioDefaults(int Steps, double CfgScale, int Width, int Height);
