using System.Collections.Immutable;
using NexusGen.Autoregressive;
using NexusGen.Weights;

namespace NexusGen.Conversion;

/// <summary>Makes llama.cpp's tensors from those of the official language model.</summary>
internal static class LlamaTensors
{
    /// <summary>The name of the embedding table.</summary>
    public const string Table = "model.embed_tokens.weight";

    private const string Attention = ".attn.qkv.", Blocks = "visual.blocks.";

    /// <summary>
    /// Plans what llama.cpp has in the place of a tensor: the same, its thirds or its slices; nothing if unknown.
    /// </summary>
    /// <param name="planner">Plans tensors.</param>
    /// <param name="entry">The tensor.</param>
    /// <param name="name">Its official name.</param>
    public static IEnumerable<PlannedTensor> Of(TensorPlanner planner, TensorEntry entry, string name)
    {
        int attention = name.IndexOf(Attention, StringComparison.Ordinal);
        if (attention > 0 && name.StartsWith(Blocks, StringComparison.Ordinal) && entry.Shape[0] % 3 == 0)
        {
            (string block, string rest) = (name[Blocks.Length..attention], name[(attention + Attention.Length)..]);
            long rows = entry.Shape[0] / 3;
            return "qkv".Select((part, i) => planner.Plan(
                name,
                $"v.blk.{block}.attn_{part}.{rest}",
                entry.Shape.SetItem(0, rows),
                value => value.narrow(0, i * rows, rows)));
        }

        if (name == LlamaNames.Patches && entry.Shape is [_, _, 2, _, _])
        {
            ImmutableArray<long> slice = entry.Shape.RemoveAt(2);
            return LlamaNames.Slices.Select((slices, i) => planner.Plan(name, slices, slice, value => value.select(2, i)));
        }

        return LlamaNames.Table.ToFile(name) is ({ } known, _) ? [planner.Plan(name, known)] : [];
    }
}
