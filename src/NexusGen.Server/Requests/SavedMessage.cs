namespace NexusGen.Server.Requests;

/// <summary>A message of a request in a form that can be stored.</summary>
/// <param name="Role">The author.</param>
/// <param name="Text">The text, with a mark at the position of each image.</param>
/// <param name="TextLength">The number of characters that the message brought.</param>
/// <param name="Images">The files of the images.</param>
internal sealed record SavedMessage(MessageRole Role, string Text, long TextLength, IReadOnlyList<byte[]> Images);
