using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>What the model answered: a <see cref="TextReply"/>, or a <see cref="PictureReply"/> where it drew.</summary>
/// <param name="Text">
/// The text, special tokens included, with <c>&lt;image&gt;</c> in the place of each drawn picture (what the official scripts print).
/// </param>
/// <param name="PlainText">The text without special tokens.</param>
/// <param name="TokenIds">The tokens, with those of drawn pictures and the end token.</param>
/// <param name="Finish">Why it ended.</param>
public abstract record Reply(string Text, string PlainText, IReadOnlyList<int> TokenIds, FinishReason Finish)
{
    /// <summary>How many tokens the prompt had, those of its pictures included.</summary>
    public int PromptTokenCount { get; init; }
}
