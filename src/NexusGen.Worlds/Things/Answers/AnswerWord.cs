namespace NexusGen.Worlds.Things.Answers;

/// <summary>A word of an answer that means something of the world.</summary>
/// <param name="Part">What it is about.</param>
/// <param name="Id">The id of the lexicon, or a number.</param>
internal readonly record struct AnswerWord(AnswerPart Part, string Id) : IComparable<AnswerWord>
{
    /// <summary>The number of what isn't there.</summary>
    public const string NoneAtAll = "0";

    /// <inheritdoc/>
    public int CompareTo(AnswerWord other) =>
        Part != other.Part ? Part.CompareTo(other.Part) : string.CompareOrdinal(Id, other.Id);

    /// <inheritdoc/>
    public override string ToString() => $"{Part}:{Id}";
}
