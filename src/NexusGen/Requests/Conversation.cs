namespace NexusGen.Requests;

/// <summary>A conversation of the model that was held elsewhere, with the turn to answer.</summary>
/// <param name="SystemPrompt">The system prompt, or null if there is none.</param>
/// <param name="Turns">The completed turns.</param>
/// <param name="Input">The turn of the user to answer.</param>
internal sealed record Conversation(string? SystemPrompt, IReadOnlyList<ChatTurn> Turns, ChatInput Input);
