using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>A reply with one drawn picture or several.</summary>
/// <param name="Text">See <see cref="Reply"/>.</param>
/// <param name="PlainText">See <see cref="Reply"/>.</param>
/// <param name="TokenIds">See <see cref="Reply"/>.</param>
/// <param name="Finish">See <see cref="Reply"/>.</param>
/// <param name="Images">
/// The pictures, in the order in which they stand in the text; each as often as <see cref="ImageSettings.Count"/> says.
/// </param>
public sealed record ImageReply(string Text, string PlainText, IReadOnlyList<int> TokenIds, FinishReason Finish, IReadOnlyList<OutputImage> Images)
    : Reply(Text, PlainText, TokenIds, Finish);
