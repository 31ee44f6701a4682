using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A conversation of the model that was held elsewhere, with the turn to answer.</summary>
/// <param name="SystemPrompt">
/// The system prompt, or null if there is none. <c>&lt;image&gt;</c> marks the position of each of its images.
/// </param>
/// <param name="SystemImages">The images of the system prompt.</param>
/// <param name="Turns">The completed turns.</param>
/// <param name="Input">The turn of the user to answer.</param>
internal sealed record Conversation(
    string? SystemPrompt, IReadOnlyList<RgbImage> SystemImages, IReadOnlyList<ChatTurn> Turns, ChatInput Input);
