namespace NexusGen.Worlds.Things.Texts;

/// <summary>How a name is counted.</summary>
public enum NameKind
{
    /// <summary>One cat, two cats.</summary>
    Countable,

    /// <summary>Scissors: plural though one thing, and not counted.</summary>
    PluralOnly,

    /// <summary>Soup: singular, without an article, and not counted.</summary>
    Mass,

    /// <summary>Batman: without an article.</summary>
    Proper,
}
