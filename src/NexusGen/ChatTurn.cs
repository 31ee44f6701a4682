using NexusGen.Imaging;

namespace NexusGen;

/// <summary>A turn of a conversation that is over.</summary>
/// <param name="Input">What the user said.</param>
/// <param name="Images">The pictures of the user's turn, the selected one among them.</param>
/// <param name="Reply">What the model answered.</param>
public sealed record ChatTurn(ChatInput Input, IReadOnlyList<RgbImage> Images, Reply Reply);
