namespace NexusGen.Worlds.Tasks;

/// <summary>One turn of a conversation.</summary>
/// <param name="IsReply">Whether the model says it; otherwise the user.</param>
/// <param name="Text">What is said; <see cref="WorldSample.ImageMark"/> where a picture stands.</param>
public sealed record WorldTurn(bool IsReply, string Text);
