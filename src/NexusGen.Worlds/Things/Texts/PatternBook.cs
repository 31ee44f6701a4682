using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// The sections of a language, read from the files under <c>Wordings</c>. A file is text: <c>= draw.one</c> opens a section,
/// each line after it is a pattern, <c># </c> begins a comment, <c>30* </c> before a pattern is its weight and <c> #have</c>
/// behind it the form of answer. <c>_</c> is a space at an edge and <c>-</c> alone the empty pattern. Safe for use by
/// several threads.
/// </summary>
internal sealed class PatternBook
{
    /// <summary>Stands in a frame for the description that the intent's section <c>.x</c> makes.</summary>
    public const string Description = "x";

    /// <summary>As <see cref="Description"/>, before a noun: the section <c>.y</c> if there is one.</summary>
    public const string Attribute = "y";

    private readonly FrozenDictionary<string, ImmutableArray<PatternLine>> _sections;

    /// <summary>Reads sections.</summary>
    /// <param name="files">The texts of the files.</param>
    /// <exception cref="FormatException">A pattern can't be parsed, stands in no section or occurs twice in one.</exception>
    public PatternBook(IEnumerable<string> files)
    {
        Dictionary<string, List<string>> raw = [];
        foreach (string file in files)
        {
            Read(file, raw);
        }

        Dictionary<string, ImmutableArray<PatternLine>> sections = [];
        foreach ((string name, List<string> lines) in raw)
        {
            sections[name] = [.. lines.Select(line => Parse(line, raw))];
        }

        _sections = sections.ToFrozenDictionary();
    }

    /// <summary>The book of English.</summary>
    public static PatternBook English { get; } = new(Resources.Texts("Wordings.en."));

    /// <summary>The book of Chinese.</summary>
    public static PatternBook Chinese { get; } = new(Resources.Texts("Wordings.zh."));

    /// <summary>The names of the sections.</summary>
    public ImmutableArray<string> Names => [.. _sections.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The book of a language.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The book.</returns>
    public static PatternBook Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>The lines of a section.</summary>
    /// <param name="section">Its name.</param>
    /// <returns>The lines.</returns>
    /// <exception cref="ArgumentException">There is no such section.</exception>
    public ImmutableArray<PatternLine> Lines(string section) =>
        _sections.TryGetValue(section, out ImmutableArray<PatternLine> lines)
        ? lines
        : throw new ArgumentException($"There is no section {section} of wordings.", nameof(section));

    /// <summary>Whether there is a section.</summary>
    /// <param name="section">Its name.</param>
    /// <returns>Whether there is one.</returns>
    public bool Has(string section) => _sections.ContainsKey(section);

    /// <summary>Draws a line of a section that says what is given.</summary>
    /// <param name="section">Its name.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="given">What is given; null to take any line.</param>
    /// <param name="said">What of it must be said.</param>
    /// <param name="form">The form of an answer; null to take any.</param>
    /// <returns>The line.</returns>
    /// <exception cref="ArgumentException">No line says what is given in that form.</exception>
    public PatternLine Pick(string section, Dice dice, Feature? given, Feature said, string? form)
    {
        ImmutableArray<PatternLine> lines = Lines(section);
        bool Fits(PatternLine line) =>
            (given is null || line.Fits(given.Value, said)) && (form is null || line.Form.Length == 0 || line.Form == form);
        int total = lines.Sum(line => Fits(line) ? line.Weight : 0);
        if (total == 0)
        {
            throw new ArgumentException($"No wording of {section} says {given} in the form '{form}'.", nameof(given));
        }

        int at = dice.Below(total);
        foreach (PatternLine line in lines)
        {
            if (Fits(line) && (at -= line.Weight) < 0)
            {
                return line;
            }
        }

        throw new InvalidOperationException("The weights of the lines are their sum.");
    }

    private static void Read(string file, Dictionary<string, List<string>> raw)
    {
        List<string>? section = null;
        foreach (string text in file.Split('\n'))
        {
            string line = text.TrimEnd('\r');
            if (line.Length == 0 || line.StartsWith("# ", StringComparison.Ordinal))
            {
                continue;
            }

            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                raw[line[2..]] = section = raw.GetValueOrDefault(line[2..]) ?? [];
                continue;
            }

            if (section is null || section.Contains(line))
            {
                string fault = section is null ? "stands in no section" : "occurs twice in a section";
                throw new FormatException($"\"{line}\" {fault}.");
            }

            section.Add(line);
        }
    }

    private static PatternLine Parse(string line, Dictionary<string, List<string>> raw)
    {
        (int weight, string text, string form) = Split(line);
        var pattern = Pattern.Parse(text);
        Feature needs = 0, says = 0;
        foreach (string slot in pattern.Slots)
        {
            if (slot[0] == '@')
            {
                if (!raw.ContainsKey(slot[1..]))
                {
                    throw new FormatException($"There is no section {slot[1..]} for \"{line}\".");
                }

                // A frame says whatever its description says.
                says |= raw[slot[1..]].Any(HasDescription) ? (Feature)~0 : 0;
                continue;
            }

            (Feature need, Feature say) = OfSlot(slot);
            needs |= need;
            says |= say;
        }

        return new PatternLine(pattern, weight, form, needs, says);
    }

    private static (int Weight, string Text, string Form) Split(string line)
    {
        int star = line.IndexOf("* ", StringComparison.Ordinal);
        int weight = star is > 0 and < 4 && int.TryParse(line.AsSpan(0, star), CultureInfo.InvariantCulture, out int value)
            ? value
            : 0;
        string text = weight == 0 ? line : line[(star + 2)..];
        int hash = text.LastIndexOf(" #", StringComparison.Ordinal);
        return (Math.Max(weight, 1), Spaced(hash < 0 ? text : text[..hash]), hash < 0 ? "" : text[(hash + 2)..]);
    }

    private static bool HasDescription(string line) =>
        line.Contains("{x}", StringComparison.Ordinal) || line.Contains("{y}", StringComparison.Ordinal);

    private static string Spaced(string text) => text == "-" ? "" : text.Replace('_', ' ');

    private static (Feature Needs, Feature Says) OfSlot(string slot)
    {
        string[] parts = slot.Split('.');
        return (parts[0], parts.Length > 1 ? parts[1] : "") switch
        {
            (Description or Attribute, _) => (0, (Feature)~0),
            ("a", "" or "the") or ("all", "" or "the" or "listed" or "scene") => (0, Feature.ThingPlace),
            ("a", "at" or "to" or "place" or "adj") => (Feature.ThingPlace, Feature.ThingPlace),
            ("place", _) => (Feature.Place, Feature.Place),
            ("ground", _) => (Feature.Ground, Feature.Ground),
            ("colour", _) => (Feature.Colour, Feature.Colour),
            ("size", _) => (Feature.Size, Feature.Size),
            ("relation", _) => (Feature.Relation, Feature.Relation),
            ("word", _) => (Feature.Word, Feature.Word),
            ("phrase", _) => (Feature.Phrase, Feature.Phrase),
            ("number", _) => (Feature.Number, Feature.Number),
            _ => (0, 0),
        };
    }
}
