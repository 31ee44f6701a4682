namespace NexusGen.Decoders;

/// <summary>What the generation decoder's transformer is told of the places of its context's tokens.</summary>
public enum TextIdLayout
{
    /// <summary>Nothing: all ids are zero, as officially.</summary>
    Zeros,

    /// <summary>Their places on the picture's grid, as the editing decoder has them for its target.</summary>
    Grid,
}
