using System.Collections.Immutable;
using NexusGen.Weights.Files;
using NexusGen.Weights.Stores;

namespace NexusGen.Weights.Inspection;

/// <summary>Says what weight files hold, without loading any of it.</summary>
public static class WeightInspector
{
    /// <summary>Looks into a file, an index or a folder.</summary>
    /// <param name="path">What <see cref="TensorStore.Open"/> takes.</param>
    /// <exception cref="WeightFileException">As <see cref="TensorStore.Open"/> says.</exception>
    public static WeightReport Inspect(string path)
    {
        using ITensorStore store = TensorStore.Open(path);
        return Inspect(store);
    }

    /// <summary>Looks into opened files.</summary>
    /// <param name="store">The files.</param>
    public static WeightReport Inspect(ITensorStore store) => new(
        store.Location,
        [.. store.Entries.Values],
        [.. store.Entries.Values.GroupBy(entry => entry.File).Select(file => WeightTotal.Of(file.Key, file))],
        [.. store.Entries.Values.GroupBy(entry => entry.Type).Select(type => WeightTotal.Of(TensorTypes.NameOf(type.Key), type))],
        WeightTotal.Of(store.Location, store.Entries.Values),
        store.Metadata.ToImmutableDictionary());
}
