namespace NexusGen.Decoders;

/// <summary>The text ids of the context tokens of the generation decoder.</summary>
public enum TextIdLayout
{
    /// <summary>All ids are zero, as in the official model.</summary>
    Zeros,

    /// <summary>The ids are the positions on the grid of the image, as for the target of the editing decoder.</summary>
    Grid,
}
