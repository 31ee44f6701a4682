using System.Collections.Immutable;
using NexusGen.Weights.Files;
using NexusGen.Weights.Stores;

namespace NexusGen.Weights.Inspection;

/// <summary>Reports the content of weight files without loading any tensor.</summary>
internal static class WeightInspector
{
    /// <summary>Inspects a file, an index or a folder.</summary>
    /// <param name="path">A path that <see cref="TensorStore.Open"/> accepts.</param>
    /// <exception cref="WeightFileException">The weights can't be opened, see <see cref="TensorStore.Open"/>.</exception>
    public static WeightReport Inspect(string path)
    {
        using ITensorStore store = TensorStore.Open(path);
        return Inspect(store);
    }

    /// <summary>Inspects opened files.</summary>
    /// <param name="store">The files.</param>
    public static WeightReport Inspect(ITensorStore store) => new(
        store.Location,
        [.. store.Entries.Values],
        [.. store.Entries.Values.GroupBy(entry => entry.File).Select(file => WeightTotal.Of(file.Key, file))],
        [.. store.Entries.Values.GroupBy(TensorTypes.NameOf).Select(type => WeightTotal.Of(type.Key, type))],
        WeightTotal.Of(store.Location, store.Entries.Values),
        store.Metadata.ToImmutableDictionary());
}
