namespace NexusGen.Weights.Files;

/// <summary>The format of a file, determined by its content.</summary>
internal enum WeightFileFormat
{
    /// <summary>A safetensors file.</summary>
    Safetensors,

    /// <summary>A zip archive with a pickle and storages, as written by <c>torch.save</c>.</summary>
    PyTorchArchive,

    /// <summary>A GGUF file, as ggml and llama.cpp use.</summary>
    Gguf,

    /// <summary>A JSON index that maps each tensor to its file.</summary>
    Index,
}
