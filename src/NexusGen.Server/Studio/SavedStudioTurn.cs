namespace NexusGen.Server.Studio;

/// <summary>A turn whose reply is computed in the background, in a form that can be stored.</summary>
/// <param name="Owner">The owner of the conversation.</param>
/// <param name="Turn">The id of the turn.</param>
/// <param name="Job">The id of the background work.</param>
/// <param name="Seed">The seed of text and images.</param>
/// <param name="IsVariation">true to add an image to the reply.</param>
/// <param name="Conversation">The id of the conversation.</param>
internal sealed record SavedStudioTurn(
    string Owner, string Turn, string Job, ulong Seed, bool IsVariation, string? Conversation = null);
