using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>A picture in a prompt: one to be read, or one that the model drew itself in an earlier turn.</summary>
/// <param name="Image">The pixels, fitted to the model; null for one that it drew, whose inputs are the learned ones.</param>
public sealed record PromptImage(RgbImage? Image)
{
    /// <summary>A picture that the model drew in an earlier turn.</summary>
    public static PromptImage GeneratedEmbeddings { get; } = new((RgbImage?)null);
}
