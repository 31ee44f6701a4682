namespace NexusGen.Training.Gradients;

/// <summary>What a part of a loss is a mean over.</summary>
internal enum LossUnit
{
    /// <summary>The samples, or things that every sample has equally many of.</summary>
    Sample,

    /// <summary>The tokens with a loss.</summary>
    Token,

    /// <summary>The embeddings of generated images.</summary>
    Embedding,

    /// <summary>The patches of all pictures.</summary>
    Patch,
}
