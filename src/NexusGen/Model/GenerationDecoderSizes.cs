using NexusGen.Decoders;

namespace NexusGen.Model;

/// <summary>The sizes of the adapter of the generation decoder, and the text ids of its transformer.</summary>
public sealed record GenerationDecoderSizes
{
    /// <summary>Gets the width of the embeddings, 3584 in the official model.</summary>
    public int InChannel { get; init; } = 3584;

    /// <summary>Gets the width of the text context, 4096 in the official model.</summary>
    public int OutChannel { get; init; } = 4096;

    /// <summary>
    /// Gets the text ids: all zero as in the official model, or grid positions as for the target of the editing decoder.
    /// </summary>
    public TextIdLayout TextIds { get; init; } = TextIdLayout.Zeros;
}
