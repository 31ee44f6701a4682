namespace NexusGen.Weights;

/// <summary>
/// Two ways to name the tensors of one model, as data: a list of pairs of templates. <c>{}</c> stands for a number (which
/// block). A table works in both directions, so what is read under one set of names can be written under the other.
/// </summary>
public sealed class NameTable
{
    private readonly Dictionary<string, NamePair> _byModel;
    private readonly Dictionary<string, NamePair> _byFile;

    /// <summary>A table from its pairs.</summary>
    /// <param name="pairs">The pairs; no template may stand twice on a side.</param>
    public NameTable(params IEnumerable<NamePair> pairs)
    {
        Pairs = [.. pairs];
        _byModel = Pairs.ToDictionary(pair => pair.Model);
        _byFile = Pairs.ToDictionary(pair => pair.File);
    }

    /// <summary>The pairs.</summary>
    public IReadOnlyList<NamePair> Pairs { get; }

    /// <summary>The table with its sides swapped.</summary>
    public NameTable Invert() => new(Pairs.Select(pair => new NamePair(pair.File, pair.Model, pair.Change)));

    /// <summary>The name in the file of a tensor of the model.</summary>
    /// <param name="name">The name in the model.</param>
    /// <returns>The name in the file and the change on the way; null where the table does not know it.</returns>
    public (string Name, TensorChange Change)? ToFile(string name) =>
        Find(_byModel, name) is ({ } pair, var numbers) ? (Fill(pair.File, numbers), pair.Change) : null;

    /// <summary>The name in the model of a tensor of the file.</summary>
    /// <param name="name">The name in the file.</param>
    /// <returns>The name in the model and the change on the way; null where the table does not know it.</returns>
    public (string Name, TensorChange Change)? ToModel(string name) =>
        Find(_byFile, name) is ({ } pair, var numbers) ? (Fill(pair.Model, numbers), pair.Change) : null;

    // A part of a name that is a number may be a block's number, or a fixed one (the 0 of "img_mlp.0"). The first number
    // is the block's wherever a template has one, so it alone is left open when the literal name isn't in the table.
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
