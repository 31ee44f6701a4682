using NexusGen.Requests;

namespace NexusGen.Conversion;

/// <summary>What is converted, and into what.</summary>
/// <param name="Source">A model folder, a folder of weights, or a weight file.</param>
/// <param name="Output">The folder or the file that is made.</param>
/// <param name="Type">The storage.</param>
internal sealed record ConversionRequest(string Source, string Output, StorageType Type)
{
    /// <summary>Gets the LoRA files that are added to the weights; only for model folders.</summary>
    public IReadOnlyList<LoraSettings> Loras { get; init; } = [];

    /// <summary>Gets whether the old files may be mapped into memory; otherwise, they are read.</summary>
    public bool Map { get; init; } = true;

    /// <summary>Gets the size limit of a safetensors file in a folder; the same as in Hugging Face's libraries.</summary>
    public long MaxFileBytes { get; init; } = 5_000_000_000;

    /// <summary>Gets the parts of a model folder to convert, by their names; empty for all.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];
}
