using NexusGen.Decoders;

namespace NexusGen.Model;

/// <summary>The generation decoder's adapter and what its transformer is told of places.</summary>
public sealed record GenerationDecoderSizes
{
    /// <summary>Width of the embeddings; officially 3584.</summary>
    public int InChannel { get; init; } = 3584;

    /// <summary>Width of the text context; officially 4096.</summary>
    public int OutChannel { get; init; } = 4096;

    /// <summary>Text ids: all zero as officially, or on the grid as the editing decoder's target.</summary>
    public TextIdLayout TextIds { get; init; } = TextIdLayout.Zeros;
}
