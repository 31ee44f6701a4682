using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Pickle;
using NexusGen.Weights.Files.Scaled;

namespace NexusGen.Weights.Stores;

/// <summary>
/// Opens weights: a safetensors file, a PyTorch archive (<c>.bin</c>, <c>.pt</c>, <c>.pth</c>), a GGUF file or any part of a
/// split one, the index of several such files, or a folder that contains any of these. The content of a file determines its
/// format, not its name. Opening reads only headers.
/// </summary>
internal static class TensorStore
{
    /// <summary>
    /// Opens the weights of a component: quantized weights with scales look like ordinary ones, and names lack what wrappers and
    /// other programs put before them.
    /// </summary>
    /// <inheritdoc cref="Open"/>
    public static ITensorStore OpenModel(string path, bool map = true) => RenamedStore.Of(
        ScaledStore.Of(Open(path, map)),
        name => WrapperNames.RemoveDiffusionModel(WrapperNames.Remove(name)));

    /// <summary>Opens weights.</summary>
    /// <param name="path">A file, an index (<c>*.index.json</c>) or a folder.</param>
    /// <param name="map">Whether the files may be mapped into memory; otherwise, they are read.</param>
    /// <returns>A store that the caller owns.</returns>
    /// <exception cref="WeightFileException">
    /// The path does not exist, it is ambiguous which file is meant, or a file is truncated, malformed, malicious or of another
    /// format.
    /// </exception>
    public static ITensorStore Open(string path, bool map = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return ShardedFiles.OpenFolder(path, map);
        }

        WeightFile file = WeightFile.Open(path, map);
        try
        {
            switch (FileFormat.Detect(file))
            {
                case WeightFileFormat.Index:
                    file.Dispose();
                    return ShardedFiles.OpenIndex(path, map);
                case WeightFileFormat.PyTorchArchive:
                    return PickleArchive.Read(file);
                case WeightFileFormat.Gguf when SplitGguf.Parts(file) is { } parts:
                    file.Dispose();
                    return ShardedFiles.Join(path, parts, map);
                default:
                    return ShardedFiles.Join(path, [file]);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
