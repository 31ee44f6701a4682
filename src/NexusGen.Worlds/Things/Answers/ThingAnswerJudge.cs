using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;

namespace NexusGen.Worlds.Things.Answers;

/// <summary>
/// Judges replies in words about images of things by what they say, not by their wording. Small talk must be met by small talk
/// of its kind, and a refusal by any refusal.
/// </summary>
public static class ThingAnswerJudge
{
    /// <summary>Judges a reply.</summary>
    /// <param name="expected">A right reply.</param>
    /// <param name="reply">What was said.</param>
    /// <param name="language">The language of both.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Check(string expected, string reply, TextLanguage language)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(reply);
        return Agree(expected, reply, language)
            ? Verdict.Good
            : new Verdict([new Fault(FaultKind.WrongAnswer, $"\"{reply}\" instead of \"{expected}\"")]);
    }

    private static bool Agree(string expected, string reply, TextLanguage language)
    {
        var intents = ReplyIntents.Of(language);
        string[] wanted = [.. intents.Find(expected)];
        if (wanted.Length == 0)
        {
            return AnswerReader.Of(language).Read(expected).Agrees(AnswerReader.Of(language).Read(reply));
        }

        string[] found = [.. intents.Find(reply)];
        return wanted.Intersect(found).Any()
            || (wanted.All(ReplyIntents.IsRefusalIntent) && found.Any(ReplyIntents.IsRefusalIntent));
    }
}
