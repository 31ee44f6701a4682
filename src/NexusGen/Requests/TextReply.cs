using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>A reply without a picture.</summary>
/// <inheritdoc cref="Reply"/>
public sealed record TextReply(string Text, string PlainText, IReadOnlyList<int> TokenIds, FinishReason Finish)
    : Reply(Text, PlainText, TokenIds, Finish);
