namespace NexusGen.Worlds.Scenes;

/// <summary>How one object stands to another. It is a matter of cells: jitter never changes it.</summary>
public enum Relation
{
    /// <summary>In a column further left.</summary>
    Left,

    /// <summary>In a column further right.</summary>
    Right,

    /// <summary>In a row further up.</summary>
    Above,

    /// <summary>In a row further down.</summary>
    Below,
}
