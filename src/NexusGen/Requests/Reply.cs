using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>The model's reply: text, and the images in it.</summary>
/// <param name="Text">
/// The text, special tokens included, with <c>&lt;image&gt;</c> in place of each image, as the official scripts print it. If a
/// stop sequence ended the reply, it is the same as <paramref name="PlainText"/>.
/// </param>
/// <param name="PlainText">The text without special tokens, up to a stop sequence.</param>
/// <param name="TokenIds">The tokens, including those of images and the end token.</param>
/// <param name="Finish">Why the reply ended.</param>
public sealed record Reply(string Text, string PlainText, IReadOnlyList<int> TokenIds, FinishReason Finish)
{
    /// <summary>
    /// Gets the images in the order of the text, each as often as <see cref="ImageSettings.Count"/> says. Empty if the model
    /// replied with text alone.
    /// </summary>
    public IReadOnlyList<OutputImage> Images { get; init; } = [];

    /// <summary>Gets the number of tokens of the prompt, including those of its images.</summary>
    public int PromptTokenCount { get; init; }
}
