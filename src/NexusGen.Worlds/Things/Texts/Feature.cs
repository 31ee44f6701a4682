namespace NexusGen.Worlds.Things.Texts;

/// <summary>What a wording must say besides the things themselves. A wording fits if it says all that is given and no
/// more.</summary>
[Flags]
internal enum Feature
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The place of the first thing.</summary>
    ThingPlace = 1,

    /// <summary>A place of its own, for instance the target of a move.</summary>
    Place = 2,

    /// <summary>A background.</summary>
    Ground = 4,

    /// <summary>A colour of its own, for instance the target of a change.</summary>
    Colour = 8,

    /// <summary>A size of its own.</summary>
    Size = 16,

    /// <summary>A relation of the first thing to the second.</summary>
    Relation = 32,

    /// <summary>The name of something that the world doesn't have.</summary>
    Word = 64,

    /// <summary>A fixed phrase.</summary>
    Phrase = 128,

    /// <summary>A number of its own.</summary>
    Number = 256,
}
