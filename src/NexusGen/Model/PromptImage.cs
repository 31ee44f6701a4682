using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>An image in a prompt: an input image, or one that the model generated in an earlier turn.</summary>
/// <param name="Image">
/// The pixels, resized for the model, or null for a generated image, whose inputs are the learned ones.
/// </param>
internal sealed record PromptImage(RgbImage? Image)
{
    /// <summary>Gets the placeholder of an image that the model generated in an earlier turn.</summary>
    public static PromptImage GeneratedEmbeddings { get; } = new((RgbImage?)null);
}
