using NexusGen.Weights.Files;

namespace NexusGen.Weights.Inspection;

/// <summary>How much some tensors are together.</summary>
/// <param name="Name">What they have in common: a file, a type.</param>
/// <param name="Tensors">How many they are.</param>
/// <param name="Elements">How many elements they have.</param>
/// <param name="Bytes">How many bytes their elements take.</param>
public sealed record WeightTotal(string Name, int Tensors, long Elements, long Bytes)
{
    /// <summary>The total of some tensors.</summary>
    /// <param name="name">What they have in common.</param>
    /// <param name="entries">The tensors.</param>
    internal static WeightTotal Of(string name, IEnumerable<TensorEntry> entries)
    {
        (int tensors, long elements, long bytes) = (0, 0, 0);
        foreach (TensorEntry entry in entries)
        {
            tensors++;
            elements += entry.ElementCount;
            bytes += entry.ElementCount * TensorTypes.SizeOf(entry.Type);
        }

        return new WeightTotal(name, tensors, elements, bytes);
    }
}
