namespace NexusGen.Worlds.Judging;

/// <summary>What can be wrong with a picture or an answer.</summary>
public enum FaultKind
{
    /// <summary>An expected object isn't there.</summary>
    Missing,

    /// <summary>There is an object that isn't expected.</summary>
    Extra,

    /// <summary>Two objects, or two colours, have run together.</summary>
    Merged,

    /// <summary>The object in the right place has another colour.</summary>
    WrongColour,

    /// <summary>The object in the right place has another shape.</summary>
    WrongShape,

    /// <summary>Another thing stands in the right place.</summary>
    WrongThing,

    /// <summary>The object in the right place has another size.</summary>
    WrongSize,

    /// <summary>The object stands elsewhere, or between cells.</summary>
    WrongPlace,

    /// <summary>The background is another one.</summary>
    WrongBackground,

    /// <summary>Something that can't be read as an object of this world.</summary>
    Unclear,

    /// <summary>An answer in words says something else.</summary>
    WrongAnswer,
}
