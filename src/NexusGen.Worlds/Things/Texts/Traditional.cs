using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// Simplified Chinese in traditional characters, for the words and characters of the wordings (<c>Lexicon/traditional.json</c>).
/// Other characters stay as they are. Safe for use by several threads.
/// </summary>
public static class Traditional
{
    private const int LongestWord = 3;
    private static readonly FrozenDictionary<string, string> Words;
    private static readonly FrozenDictionary<char, char> Characters;

    static Traditional()
    {
        using var file = JsonDocument.Parse(Resources.Text("Lexicon.traditional.json"));
        Words = file.RootElement.GetProperty("words").EnumerateObject()
            .ToFrozenDictionary(word => word.Name, word => word.Value.GetString()!);
        Characters = file.RootElement.GetProperty("characters").EnumerateArray()
            .SelectMany(line => line.GetString()!.Split(' ')).ToFrozenDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>A text in traditional characters.</summary>
    /// <param name="simplified">The text.</param>
    /// <returns>The text, of the same length.</returns>
    public static string Of(string simplified)
    {
        ArgumentNullException.ThrowIfNull(simplified);
        StringBuilder text = new(simplified.Length);
        for (int at = 0; at < simplified.Length;)
        {
            int length = Math.Min(LongestWord, simplified.Length - at);
            while (length > 1 && !Words.ContainsKey(simplified.Substring(at, length)))
            {
                length--;
            }

            text.Append(length > 1
                ? Words[simplified.Substring(at, length)]
                : Characters.GetValueOrDefault(simplified[at], simplified[at]).ToString());
            at += length;
        }

        return text.ToString();
    }
}
