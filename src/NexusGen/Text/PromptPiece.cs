namespace NexusGen.Text;

/// <summary>A piece of a prompt.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsTemplate">
/// true if the chat template wrote it, so that its special tokens are tokens; false for the text of a message, in which they are
/// text.
/// </param>
internal readonly record struct PromptPiece(string Text, bool IsTemplate);
