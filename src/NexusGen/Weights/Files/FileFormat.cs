using System.Buffers.Binary;

namespace NexusGen.Weights.Files;

/// <summary>Detects the format of a file with weights.</summary>
internal static class FileFormat
{
    /// <summary>The format of a file, by its first bytes.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="WeightFileException">It has none of the formats that are read here.</exception>
    public static WeightFileFormat Detect(WeightFile file)
    {
        byte[] start = file.ReadBytes(0, (int)Math.Min(file.Length, 24));
        if (start.Length == 0)
        {
            throw new WeightFileException($"The file {file.Path} is empty; fetch it again.");
        }

        // The header of a safetensors file is too short to need more than four of the bytes of its length.
        bool shortHeader = start.Length >= 9 && BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(4)) == 0;
        if (shortHeader && start[8] == (byte)'{')
        {
            return WeightFileFormat.Safetensors;
        }

        if (start.AsSpan().StartsWith("PK\x03\x04"u8))
        {
            return WeightFileFormat.PyTorchArchive;
        }

        if (start[0] == 0x80 && start.Length > 1 && start[1] <= 5)
        {
            throw new WeightFileException(
                $"The file {file.Path} is in PyTorch's old format, a bare pickle, which is not read here: load it with PyTorch "
                + "and save it again with torch.save, or as safetensors.");
        }

        if (start.AsSpan().StartsWith("version https://git-lfs"u8))
        {
            throw new WeightFileException(
                $"The file {file.Path} only points to the real file (Git LFS): fetch it with git lfs pull.");
        }

        if (start.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            return WeightFileFormat.Index;
        }

        // A damaged file gets the better message from the reader of the format that its name announces.
        return file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            ? WeightFileFormat.Safetensors
            : throw new WeightFileException(
                $"The file {file.Path} is neither a safetensors file nor a PyTorch archive nor the index of several: it is "
                + "damaged or of another format.");
    }
}
