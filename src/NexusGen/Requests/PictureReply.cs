using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>A reply with one drawn picture or several.</summary>
/// <param name="Text">See <see cref="Reply"/>.</param>
/// <param name="PlainText">See <see cref="Reply"/>.</param>
/// <param name="TokenIds">See <see cref="Reply"/>.</param>
/// <param name="Finish">See <see cref="Reply"/>.</param>
/// <param name="Pictures">
/// The pictures, in the order in which they stand in the text; each as often as <see cref="PictureSettings.Count"/> says.
/// </param>
public sealed record PictureReply(string Text, string PlainText, IReadOnlyList<int> TokenIds, FinishReason Finish, IReadOnlyList<DrawnPicture> Pictures)
    : Reply(Text, PlainText, TokenIds, Finish);
