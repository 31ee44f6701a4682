namespace NexusGen.Requests;

/// <summary>Which decoder paints.</summary>
public enum DecoderChoice
{
    /// <summary>The editing decoder where there is a source picture, otherwise the generation decoder.</summary>
    Automatic,

    /// <summary>The generation decoder: from the drawn embeddings alone.</summary>
    Generation,

    /// <summary>The editing decoder: from the drawn embeddings and those of the source.</summary>
    Editing,
}
