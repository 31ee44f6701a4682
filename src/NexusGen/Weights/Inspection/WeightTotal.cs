using NexusGen.Weights.Files;

namespace NexusGen.Weights.Inspection;

/// <summary>The total size of a group of tensors.</summary>
/// <param name="Name">What the tensors have in common: a file or an element type.</param>
/// <param name="Tensors">The number of tensors.</param>
/// <param name="Elements">The number of their elements.</param>
/// <param name="Bytes">The number of bytes of their elements.</param>
internal sealed record WeightTotal(string Name, int Tensors, long Elements, long Bytes)
{
    /// <summary>Computes the total of a group of tensors.</summary>
    /// <param name="name">What the tensors have in common.</param>
    /// <param name="entries">The tensors.</param>
    internal static WeightTotal Of(string name, IEnumerable<TensorEntry> entries)
    {
        (int tensors, long elements, long bytes) = (0, 0, 0);
        foreach (TensorEntry entry in entries)
        {
            tensors++;
            elements += entry.ElementCount;
            bytes += entry.Blocks is not null ? entry.ByteLength
                : TensorTypes.TryByteLength(entry.Type, entry.ElementCount, out long own) ? own : entry.ByteLength;
        }

        return new WeightTotal(name, tensors, elements, bytes);
    }
}
