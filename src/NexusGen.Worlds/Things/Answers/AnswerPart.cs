namespace NexusGen.Worlds.Things.Answers;

/// <summary>What a word of an answer is about.</summary>
internal enum AnswerPart
{
    /// <summary>A thing.</summary>
    Item,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A colour, or the natural look.</summary>
    Colour,

    /// <summary>A size.</summary>
    Size,

    /// <summary>A cell.</summary>
    Place,

    /// <summary>How one thing stands to another.</summary>
    Relation,

    /// <summary>A background.</summary>
    Ground,
}
