namespace NexusGen.Worlds.Scenes;

/// <summary>
/// The five backgrounds: flat, and none of them a colour of objects. Their values are in <see cref="Palette"/>.
/// </summary>
public enum Background
{
    /// <summary>White, the canonical one.</summary>
    White,

    /// <summary>Black.</summary>
    Black,

    /// <summary>A middle gray.</summary>
    Gray,

    /// <summary>Beige.</summary>
    Beige,

    /// <summary>A dark brown.</summary>
    Brown,
}
