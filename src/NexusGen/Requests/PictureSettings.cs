using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>How embeddings are turned into a picture. What is null takes the model's default for the task (nexus-gen.json).</summary>
public sealed record PictureSettings
{
    /// <summary>Denoising steps; officially 50.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance: 1 leaves the negative branch out; officially 3 for drawing and 1 for editing.</summary>
    public double? CfgScale { get; init; }

    /// <summary>The guidance that FLUX was distilled with and takes as an input; officially 3.5.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>What the picture should not show; used only where the guidance is not 1. Empty by default.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>Width in pixels, rounded up to a multiple of 16; officially 512.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels, rounded up to a multiple of 16; officially 512.</summary>
    public int? Height { get; init; }

    /// <summary>Seed of the first noise; officially 52 for drawing and 42 for editing.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How many pictures to make of the same embeddings, with consecutive seeds.</summary>
    public int Count { get; init; } = 1;

    /// <summary>A picture to start from instead of pure noise; it is scaled to the output's size.</summary>
    public RgbImage? StartImage { get; init; }

    /// <summary>With a start image, how much of it is noised over: 1 leaves nothing of it.</summary>
    public double DenoisingStrength { get; init; } = 1;

    /// <summary>TeaCache's threshold: the larger, the more steps reuse the one before. None where null.</summary>
    public double? TeaCacheThreshold { get; init; }

    /// <summary>
    /// After every so many steps, a preview is told (<see cref="ReplyUpdate.Preview"/>): what the transformer takes for the clean
    /// picture, decoded. It is left out where the autoencoder does not fit into memory beside the decoder. None where null.
    /// </summary>
    public int? PreviewEvery { get; init; }
}
