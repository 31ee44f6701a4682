namespace NexusGen.Weights;

/// <summary>
/// Maps the tensor names of one model between two conventions. The table is data, a list of pairs of templates in which <c>{}</c>
/// stands for a number (of a block). It works in both directions, so weights that were read under one set of names can be written
/// under the other.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, NamePair> _byModel;
    private readonly Dictionary<string, NamePair> _byFile;

    /// <summary>Initializes a table from its pairs.</summary>
    /// <param name="pairs">The pairs; a template may occur only once on each side.</param>
    public NameTable(params IEnumerable<NamePair> pairs)
    {
        Pairs = [.. pairs];
        _byModel = Pairs.ToDictionary(pair => pair.Model);
        _byFile = Pairs.ToDictionary(pair => pair.File);
    }

    /// <summary>Gets the pairs.</summary>
    public IReadOnlyList<NamePair> Pairs { get; }

    /// <summary>Creates a table with the sides swapped.</summary>
    public NameTable Invert() => new(Pairs.Select(pair => new NamePair(pair.File, pair.Model, pair.Change)));

    /// <summary>Finds the name in the file of a tensor of the model.</summary>
    /// <param name="name">The name in the model.</param>
    /// <returns>The name in the file and the change of the values, or null if the table has no entry for the name.</returns>
    public (string Name, TensorChange Change)? ToFile(string name) =>
        Find(_byModel, name) is ({ } pair, var numbers) ? (Fill(pair.File, numbers), pair.Change) : null;

    /// <summary>Finds the name in the model of a tensor of the file.</summary>
    /// <param name="name">The name in the file.</param>
    /// <returns>The name in the model and the change of the values, or null if the table has no entry for the name.</returns>
    public (string Name, TensorChange Change)? ToModel(string name) =>
        Find(_byFile, name) is ({ } pair, var numbers) ? (Fill(pair.Model, numbers), pair.Change) : null;

    // A number in a name may be that of a block or a fixed one (the 0 of "img_mlp.0"). If a template has a block number, it is
    // the first number of the name, so only that one is replaced when the literal name isn't in the table.
    private static (NamePair? Pair, string Number) Find(Dictionary<string, NamePair> templates, string name)
    {
        if (templates.TryGetValue(name, out NamePair? exact))
        {
            return (exact, "");
        }

        string[] parts = name.Split('.');
        int place = Array.FindIndex(parts, part => part.Length > 0 && part.All(char.IsAsciiDigit));
        if (place < 0)
        {
            return (null, "");
        }

        string number = parts[place];
        parts[place] = "{}";
        return (templates.GetValueOrDefault(string.Join('.', parts)), number);
    }

    private static string Fill(string template, string number) => template.Replace("{}", number, StringComparison.Ordinal);
}
