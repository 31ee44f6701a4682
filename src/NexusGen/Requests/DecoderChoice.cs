namespace NexusGen.Requests;

/// <summary>Specifies the decoder that turns image embeddings into an image.</summary>
public enum DecoderChoice
{
    /// <summary>The editing decoder if there is an image to edit, otherwise the generation decoder.</summary>
    Automatic,

    /// <summary>The generation decoder, which uses only the generated embeddings.</summary>
    Generation,

    /// <summary>The editing decoder, which uses the generated embeddings and those of the source image.</summary>
    Editing,
}
