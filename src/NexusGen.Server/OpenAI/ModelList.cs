namespace NexusGen.Server.OpenAI;

/// <summary>The list of models: the model, and the model with each of the LoRAs.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

/// <summary>A model.</summary>
internal sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy)
{
    /// <summary>Gets the model without LoRAs, or null if it is this one. Not in OpenAI's API.</summary>
    public string? Parent { get; init; }

    /// <summary>
    /// Gets what the LoRA changes: <c>decoders</c> (images) or <c>language_model</c> (texts and images). Not in OpenAI's API.
    /// </summary>
    public string? AppliesTo { get; init; }
}
