using System.Globalization;

namespace NexusGen.Text;

/// <summary>
/// The Unicode data of normalization: canonical decompositions, compositions, and the combining classes that order marks. Read
/// from the resource <c>normalization.txt</c> on first use.
/// </summary>
internal sealed class NormalizationTable
{
    private static readonly Lazy<NormalizationTable> LazyInstance = new(() => new NormalizationTable());

    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly Dictionary<int, int> _combiningClasses = [];
    private readonly HashSet<int> _mayChange = [];

    private NormalizationTable()
    {
        using Stream stream = typeof(NormalizationTable).Assembly.GetManifestResourceStream("NexusGen.Text.normalization.txt")
            ?? throw new InvalidOperationException("The resource normalization.txt is missing from the assembly.");
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            if (fields[0] == "#")
            {
                continue;
            }

            if (fields[1] is "=" or ">")
            {
                AddDecomposition(Hex(fields[0]), Hex(fields[2]), fields.Length > 3 ? Hex(fields[3]) : 0, fields[1] == "=");
            }
            else
            {
                AddCombiningClass(Hex(fields[0]), Hex(fields[1]), int.Parse(fields[2], CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Gets the shared table.</summary>
    public static NormalizationTable Instance => LazyInstance.Value;

    /// <summary>Returns whether a text with this character can differ from its normalization form C.</summary>
    public bool MayChange(int character) => _mayChange.Contains(character);

    /// <summary>
    /// Gets the canonical decomposition of a character. <paramref name="second"/> is 0 if it is a single character.
    /// </summary>
    public bool TryDecompose(int character, out int first, out int second)
    {
        bool found = _decompositions.TryGetValue(character, out (int First, int Second) parts);
        (first, second) = parts;
        return found;
    }

    /// <summary>Gets the composition of two characters.</summary>
    public bool TryCompose(int first, int second, out int composed) =>
        _compositions.TryGetValue((first, second), out composed);

    /// <summary>Returns the combining class of a mark, or 0 for any other character.</summary>
    public int CombiningClass(int character) => character < 0x300 ? 0 : _combiningClasses.GetValueOrDefault(character);

    private static int Hex(string field) => int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void AddDecomposition(int character, int first, int second, bool composes)
    {
        _decompositions.Add(character, (first, second));
        if (composes)
        {
            _compositions.Add((first, second), character);
            _mayChange.Add(second);
        }
        else
        {
            _mayChange.Add(character);
        }
    }

    private void AddCombiningClass(int first, int last, int combiningClass)
    {
        for (int character = first; character <= last; character++)
        {
            _combiningClasses.Add(character, combiningClass);
            _mayChange.Add(character);
        }
    }
}
