using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// The tensors of a file or folder that belong to one model: those with a prefix, possibly under other names. Loading checks all
/// names and shapes first, so that a checkpoint that does not fit is refused with one error that lists the problems.
/// </summary>
/// <param name="Store">The files.</param>
/// <param name="Prefix">The prefix of the names, with its last dot; may be empty.</param>
/// <param name="Names">The mapping between the names in the model and in the file, or null if they are the same.</param>
internal sealed record CheckpointPart(ITensorStore Store, string Prefix = "", NameTable? Names = null)
{
    private const int Listed = 10, Shown = 3;

    /// <summary>
    /// Gets a predicate for the tensors with the prefix that belong to something else, or null if there are none. It receives the
    /// name without the prefix.
    /// </summary>
    public Func<string, bool>? Elsewhere { get; init; }

    /// <summary>Checks the checkpoint against the model and loads the model from it.</summary>
    /// <typeparam name="T">The type of the model.</typeparam>
    /// <param name="options">The options for loading.</param>
    /// <param name="build">Builds the model from its weights.</param>
    /// <exception cref="WeightException">
    /// Tensors are missing, unexpected or of another shape; the first ten are listed.
    /// </exception>
    public T Load<T>(LoadOptions options, Func<WeightSource, T> build)
        where T : Module
    {
        Check(build);
        IWeightProvider weights = Weights(options.MapFiles && options.Residency is null);
        return build(new WeightSource(options.Merged is null ? weights : new MergedWeights(weights, options.Merged), options));
    }

    /// <summary>Gets the tensors under the names in the model, without checking that they fit it.</summary>
    /// <param name="map">Whether tensors may use the memory-mapped file.</param>
    public IWeightProvider Weights(bool map)
    {
        IWeightProvider stored = new StoredWeights(Store, Prefix, map);
        return Names is null ? stored : new RenamedWeights(stored, Names);
    }

    /// <summary>
    /// Computes how many bytes a model takes when it is loaded, and how many of them its transformer blocks take.
    /// </summary>
    /// <param name="options">The options for loading.</param>
    /// <param name="build">Builds the model from its weights.</param>
    public static (long Total, long Blocks) Measure(LoadOptions options, Func<WeightSource, Module> build)
    {
        using Module shapes = build(new WeightSource(ShapeOnlyWeights.Unrecorded, options).ShapesOnly());
        return (shapes.ByteLength, shapes.Descendants.OfType<IBlockList>().Sum(list => ((Module)list).ByteLength));
    }

    /// <summary>Checks that the name of every tensor of a file starts with one of the prefixes.</summary>
    /// <param name="store">The file.</param>
    /// <param name="prefixes">The prefixes.</param>
    /// <exception cref="WeightException">Some names don't; the first ten are listed.</exception>
    public static void CheckPrefixes(ITensorStore store, params ReadOnlySpan<string> prefixes)
    {
        string[] known = prefixes.ToArray();
        string[] strange =
        [
            .. store.Entries.Keys.Where(name =>
                !known.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !RecomputedBuffers.Contains(name))
        ];
        if (strange.Length > 0)
        {
            string more = strange.Length > Listed ? $" and {strange.Length - Listed} more" : "";
            throw new WeightException(
                $"{store.Location} contains tensors that belong to no component of the model: "
                + $"{string.Join(", ", strange.Take(Listed))}{more}; expected only names "
                + $"that begin with {string.Join(" or ", known)}.");
        }
    }

    /// <summary>Checks names and shapes without reading a tensor.</summary>
    /// <param name="build">Builds the model from its weights.</param>
    /// <exception cref="WeightException">
    /// Tensors are missing, unexpected or of another shape; the first ten are listed.
    /// </exception>
    public void Check(Func<WeightSource, Module> build)
    {
        var shapes = new ShapeOnlyWeights();
        using (Module model = build(
            new WeightSource(shapes, LoadOptions.Reference with { Placement = new(META, ScalarType.Float32) })))
        {
        }

        List<string> problems = [];
        HashSet<string> expected = [];
        int missing = 0;
        foreach ((string name, long[] shape) in shapes.Requested)
        {
            string stored = FileName(name).Name;
            expected.Add(stored);
            if (!Store.Entries.TryGetValue(stored, out TensorEntry? entry))
            {
                missing++;
                problems.Add($"missing: {stored} [{string.Join(", ", shape)}]");
            }
            else if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                problems.Add(
                    $"wrong shape: {entry.Name} is [{string.Join(", ", entry.Shape)}] in {entry.File}, "
                    + $"expected [{string.Join(", ", shape)}]");
            }
            else if (!TensorTypes.IsReadable(entry))
            {
                problems.Add(
                    $"wrong type: {entry.Name} is {TensorTypes.NameOf(entry)} in {entry.File}, which can't be computed "
                    + "with");
            }
        }

        foreach ((string name, TensorEntry entry) in Store.Entries)
        {
            bool here = name.StartsWith(Prefix, StringComparison.Ordinal)
                && !RecomputedBuffers.Contains(name)
                && Elsewhere?.Invoke(name[Prefix.Length..]) != true;
            if (here && !expected.Contains(name))
            {
                problems.Add($"unexpected: {entry.Name} [{string.Join(", ", entry.Shape)}] in {entry.File}");
            }
        }

        if (problems.Count > 0)
        {
            problems.Sort(StringComparer.Ordinal);
            string more = problems.Count > Listed ? $"; and {problems.Count - Listed} more" : "";
            throw new WeightException(
                $"{Store.Location} does not fit the model ({problems.Count} of its tensors): "
                + $"{string.Join("; ", problems.Take(Listed))}{more}. {(missing > 0 ? Present(missing, expected) : "")}"
                + "Check that it is the right file and that nexus-gen.json has its sizes.");
        }
    }

    // Says what is there instead of what is missing: the names of tensors that the model doesn't ask for, or else of any.
    private string Present(int missing, HashSet<string> expected)
    {
        string[] names =
        [
            .. Store.Entries.OrderBy(entry => expected.Contains(entry.Key)).Take(Shown).Select(entry => entry.Value.Name)
        ];
        string tensors = missing == 1 ? "1 tensor is missing" : $"{missing} tensors are missing";
        return names.Length == 0
            ? $"{tensors}, and the file contains none. "
            : $"{tensors}; the file contains names such as {string.Join(", ", names)}. ";
    }

    /// <summary>Gets the name in the file of a tensor of the model, and how the values differ.</summary>
    /// <param name="name">The name in the model.</param>
    /// <exception cref="WeightException">The name table has no entry for the name.</exception>
    public (string Name, TensorChange Change) FileName(string name)
    {
        if (Names is null)
        {
            return (Prefix + name, TensorChange.None);
        }

        return Names.ToFile(name) is ({ } stored, var change)
            ? (Prefix + stored, change)
            : throw new WeightException($"The name table has no entry for the tensor {name}.");
    }

    /// <summary>Gets the parameters of a model as the file stores them: under its names, and in its order of halves.</summary>
    /// <param name="model">The model.</param>
    /// <returns>
    /// The names and tensors, created one at a time. The caller owns a tensor whose values were rearranged; the others belong to
    /// the model.
    /// </returns>
    public IEnumerable<(string Name, Tensor Value)> Export(Module model)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            (string name, TensorChange change) = FileName(parameter.Name);
            yield return (name, RenamedWeights.Apply(parameter.Value, change));
        }
    }
}
