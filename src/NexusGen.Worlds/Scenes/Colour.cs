namespace NexusGen.Worlds.Scenes;

/// <summary>The eight colours of objects. Their values are in <see cref="Palette"/>.</summary>
public enum Colour
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Cyan, a light blue-green.</summary>
    Cyan,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Pink.</summary>
    Pink,
}
