namespace NexusGen.Worlds.Things.Tasks;

/// <summary>One turn of a conversation.</summary>
/// <param name="IsReply">Whether the model says it; otherwise the user.</param>
/// <param name="Text">The text, with <see cref="ThingSample.ImageMark"/> in the place of each image.</param>
public sealed record ThingTurn(bool IsReply, string Text);
