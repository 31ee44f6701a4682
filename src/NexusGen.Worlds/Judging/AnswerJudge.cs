namespace NexusGen.Worlds.Judging;

/// <summary>
/// Judges answers in words: right where they say what is expected, whatever the capitals, the final mark and little words; the
/// parts of a description may come in any order.
/// </summary>
public static class AnswerJudge
{
    private static readonly char[] Marks = ['.', '。', '!', '！', '?', '？'];
    private static readonly string[] Leads = ["it is ", "there is ", "there are ", "the ", "a ", "an ", "它是", "是", "有", "在"];

    // Words that mean the same.
    private static readonly (string Word, string Canonical)[] Synonyms =
    [
        ("large", "big"), ("grey", "gray"), ("middle", "center"), ("centre", "center"), ("中央", "中间"), ("不是的", "不是"), ("对", "是的"),
        ("上边", "上方"), ("下边", "下方"), ("左侧", "左边"), ("右侧", "右边"),
        ("in the ", "at the "), ("on the ", "at the "), ("upper", "top"), ("lower", "bottom"), (" corner", ""),
    ];

    /// <summary>Judges an answer.</summary>
    /// <param name="expected">The expected answer.</param>
    /// <param name="reply">What was said.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Check(string expected, string reply)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(reply);
        return Parts(expected).SequenceEqual(Parts(reply))
            ? Verdict.Good
            : new Verdict([new Fault(FaultKind.WrongAnswer, $"\"{reply}\" instead of \"{expected}\"")]);
    }

    private static List<string> Parts(string text) =>
        [
            .. text.ToLowerInvariant()
                .Split([',', '，', ';', '；'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(Plain)
                .Order(StringComparer.Ordinal),
        ];

    private static string Plain(string part)
    {
        part = part.Trim().TrimEnd(Marks).Trim();
        foreach ((string word, string canonical) in Synonyms)
        {
            part = part.Replace(word, canonical, StringComparison.Ordinal);
        }

        string? lead = Leads.FirstOrDefault(lead => part.Length > lead.Length && part.StartsWith(lead, StringComparison.Ordinal));
        return lead is null || part == "是的" ? part : part[lead.Length..];
    }
}
