using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Answers;

/// <summary>What an answer says, whatever its wording.</summary>
/// <param name="Affirms">Whether it is a yes or a no; null for neither.</param>
/// <param name="Clauses">What it says of each thing: a clause for each part between commas and "and".</param>
internal sealed record AnswerMeaning(bool? Affirms, ImmutableArray<AnswerWord[]> Clauses)
{
    private IEnumerable<AnswerWord> Words => Clauses.SelectMany(clause => clause);

    /// <summary>
    /// Returns whether another answer says the same. Answers may be short or long: of what only one of them mentions nothing is
    /// required, but they must have something in common, and contradict each other in nothing.
    /// </summary>
    /// <param name="other">The other answer.</param>
    public bool Agrees(AnswerMeaning other)
    {
        if (Affirms is { } one && other.Affirms is { } two && one != two)
        {
            return false;
        }

        HashSet<AnswerPart> common = [.. Words.Select(word => word.Part).Intersect(other.Words.Select(word => word.Part))];
        return common.Count > 0
            ? Keep(common).SequenceEqual(other.Keep(common))
            : (Affirms is not null && Affirms == other.Affirms) || IsGroundOf(other) || other.IsGroundOf(this);
    }

    // White is a colour and a background.
    private bool IsGroundOf(AnswerMeaning other) =>
        Words.ToArray() is [{ Part: AnswerPart.Ground, Id: var ground }]
        && other.Words.ToArray() is [{ Part: AnswerPart.Colour, Id: var colour }] && ground == colour;

    // What is said of the parts, in an order that doesn't depend on the answer's. A background, and that there is none, belong to
    // no clause.
    private string[] Keep(HashSet<AnswerPart> parts) =>
    [
        .. Clauses.Select(clause => Text(clause, parts))
            .Concat(Words.Where(word => parts.Contains(word.Part) && IsWhole(word)).Distinct().Select(word => word.ToString()))
            .Where(text => text.Length > 0).Order(StringComparer.Ordinal),
    ];

    // Who stands left of the car may be a pronoun.
    private static string Text(AnswerWord[] clause, HashSet<AnswerPart> parts)
    {
        IEnumerable<AnswerWord> words = clause.Any(word => word.Part == AnswerPart.Relation)
            ? clause.Where(word => word.Part == AnswerPart.Relation)
                .Concat(clause.Where(word => word.Part == AnswerPart.Item).TakeLast(1))
            : clause;
        return string.Join(' ', words.Where(word => parts.Contains(word.Part) && !IsWhole(word)).Order());
    }

    private static bool IsWhole(AnswerWord word) =>
        word.Part == AnswerPart.Ground || word == new AnswerWord(AnswerPart.Number, AnswerWord.NoneAtAll);
}
