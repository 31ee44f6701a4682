using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Pickle;

namespace NexusGen.Weights.Stores;

/// <summary>
/// Opens weights: a safetensors file, a PyTorch archive (<c>.bin</c>, <c>.pt</c>, <c>.pth</c>), the index of several such
/// files, or a folder that holds any of these. A file's content decides what it is, not its name. Opening reads only headers.
/// </summary>
public static class TensorStore
{
    /// <summary>Opens weights.</summary>
    /// <param name="path">A file, an index (<c>*.index.json</c>) or a folder.</param>
    /// <returns>A store that the caller owns.</returns>
    /// <exception cref="WeightFileException">
    /// There is nothing there, or it is not clear which file is meant, or a file is cut, malformed, hostile or of another format.
    /// </exception>
    public static ITensorStore Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return ShardedFiles.OpenFolder(path);
        }

        WeightFile file = WeightFile.Open(path);
        try
        {
            switch (FileFormat.Detect(file))
            {
                case WeightFileFormat.Index:
                    file.Dispose();
                    return ShardedFiles.OpenIndex(path);
                case WeightFileFormat.PyTorchArchive:
                    return PickleArchive.Read(file);
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
