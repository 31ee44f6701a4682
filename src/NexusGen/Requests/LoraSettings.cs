using NexusGen.Core;

namespace NexusGen.Requests;

/// <summary>A LoRA file that a request is computed with.</summary>
/// <param name="Path">
/// The path of a LoRA file of FLUX in any common form, or of the folder or file of a PEFT adapter of the language model.
/// </param>
/// <param name="Strength">
/// The factor of the change; 1 as it was trained, 0 for none. A file that is given several times counts with the sum.
/// </param>
public sealed record LoraSettings(string Path, double Strength = 1)
{
    /// <summary>Checks the values and makes paths absolute; equal paths are joined.</summary>
    /// <param name="loras">The files of a request.</param>
    /// <exception cref="NexusGenException">A path is empty, or a strength is not a finite number.</exception>
    internal static IReadOnlyList<LoraSettings> Checked(IReadOnlyList<LoraSettings> loras)
    {
        OrderedDictionary<string, double> joined = new(StringComparer.Ordinal);
        foreach (LoraSettings lora in loras)
        {
            if (string.IsNullOrWhiteSpace(lora.Path))
            {
                throw new NexusGenException("The path of a LoRA is empty.");
            }

            if (!double.IsFinite(lora.Strength))
            {
                throw new NexusGenException(
                    $"The strength of the LoRA {lora.Path} is {lora.Strength}, but it must be a finite number.");
            }

            string path = System.IO.Path.GetFullPath(lora.Path);
            joined[path] = (joined.TryGetValue(path, out double before) ? before : 0) + lora.Strength;
        }

        return [.. joined.Select(lora => new LoraSettings(lora.Key, lora.Value))];
    }
}
