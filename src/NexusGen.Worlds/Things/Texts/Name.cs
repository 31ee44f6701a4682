namespace NexusGen.Worlds.Things.Texts;

/// <summary>A name of a thing, with the forms that sentences need.</summary>
/// <param name="One">The singular. In English a <c>^</c> marks where adjectives stand if not at the front:
/// <c>pair of ^scissors</c>.</param>
/// <param name="Many">The plural; in Chinese the same as the singular.</param>
/// <param name="Kind">How the name is counted.</param>
/// <param name="Measure">The Chinese measure word; empty in English.</param>
public sealed record Name(string One, string Many, NameKind Kind = NameKind.Countable, string Measure = "")
{
    private const char Adjectives = '^';

    /// <summary>The singular as it is written.</summary>
    public string Text => Plain(One);

    /// <summary>The plural as it is written.</summary>
    public string PluralText => Plain(Many);

    /// <summary>Reads an English name: <c>cat</c>, <c>knife/knives</c>, <c>=scissors</c> (plural only), <c>~soup</c> (mass) or
    /// <c>!Batman</c> (proper).</summary>
    /// <param name="text">The notation.</param>
    /// <returns>The name.</returns>
    public static Name English(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        NameKind kind = text[0] switch
        {
            '=' => NameKind.PluralOnly,
            '~' => NameKind.Mass,
            '!' => NameKind.Proper,
            _ => NameKind.Countable,
        };
        text = kind == NameKind.Countable ? text : text[1..];
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string one = slash < 0 ? text : text[..slash];
        string many = slash >= 0 ? text[(slash + 1)..] : kind == NameKind.Countable ? Plural(one) : one;
        return new Name(one, many, kind);
    }

    /// <summary>Reads a Chinese name: <c>猫</c> with the given measure word, or <c>座:灯塔</c> with its own.</summary>
    /// <param name="text">The notation.</param>
    /// <param name="measure">The measure word if the notation has none.</param>
    /// <returns>The name.</returns>
    public static Name Chinese(string text, string measure = "个")
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        NameKind kind = text[0] == '!' ? NameKind.Proper : NameKind.Countable;
        text = kind == NameKind.Proper ? text[1..] : text;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string noun = text[(colon + 1)..];
        return new Name(noun, noun, kind, colon < 0 ? measure : text[..colon]);
    }

    /// <summary>A form of the name with adjectives before its head.</summary>
    /// <param name="adjectives">Empty, or adjectives with a space behind.</param>
    /// <param name="plural">Whether the plural is meant.</param>
    /// <returns>The noun phrase without an article.</returns>
    internal string With(string adjectives, bool plural)
    {
        string form = plural ? Many : One;
        int at = form.IndexOf(Adjectives, StringComparison.Ordinal);
        return at < 0 ? adjectives + form : form[..at] + adjectives + form[(at + 1)..];
    }

    private static string Plain(string form) => form.Replace("^", "", StringComparison.Ordinal);

    private static string Plural(string one)
    {
        bool sibilant = one.EndsWith('s') || one.EndsWith('x') || one.EndsWith('z')
            || one.EndsWith("ch", StringComparison.Ordinal) || one.EndsWith("sh", StringComparison.Ordinal);
        bool soft = one.Length > 1 && one[^1] == 'y' && !"aeiou".Contains(one[^2]);
        return sibilant ? one + "es" : soft ? one[..^1] + "ies" : one + "s";
    }
}
