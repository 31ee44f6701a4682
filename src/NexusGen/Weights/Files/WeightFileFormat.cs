namespace NexusGen.Weights.Files;

/// <summary>What a file is by its content.</summary>
internal enum WeightFileFormat
{
    /// <summary>A safetensors file.</summary>
    Safetensors,

    /// <summary>A zip archive with a pickle and storages, as <c>torch.save</c> writes it.</summary>
    PyTorchArchive,

    /// <summary>JSON that names the file of each tensor.</summary>
    Index,
}
