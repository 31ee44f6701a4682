using System.Buffers.Binary;
using NexusGen.Core;

namespace NexusGen.Weights.Files;

/// <summary>Detects the format of a weight file.</summary>
internal static class FileFormat
{
    /// <summary>Detects the format of a file by its first bytes.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="WeightFileException">The file has none of the supported formats.</exception>
    public static WeightFileFormat Detect(WeightFile file)
    {
        byte[] start = file.ReadBytes(0, (int)Math.Min(file.Length, 24));
        if (start.Length == 0)
        {
            throw new WeightFileException($"The file {file.Path} is empty; download it again.");
        }

        // The length of a safetensors header fits into the lower four of its eight bytes.
        bool shortHeader = start.Length >= 9 && BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(4)) == 0;
        if (shortHeader && start[8] == (byte)'{')
        {
            return WeightFileFormat.Safetensors;
        }

        if (start.AsSpan().StartsWith("PK\x03\x04"u8))
        {
            return WeightFileFormat.PyTorchArchive;
        }

        if (start.AsSpan().StartsWith("GGUF"u8))
        {
            return WeightFileFormat.Gguf;
        }

        if (start[0] == 0x80 && start.Length > 1 && start[1] <= 5)
        {
            throw new WeightFileException(
                $"The file {file.Path} is in PyTorch's legacy format, a bare pickle, which is not supported; load it with "
                + "PyTorch and save it again with torch.save, or as safetensors.");
        }

        if (start.AsSpan().StartsWith("version https://git-lfs"u8))
        {
            throw new WeightFileException(
                $"The file {file.Path} is only a Git LFS pointer; download the real file with git lfs pull.");
        }

        if (TextFile.Utf8(start).Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            return WeightFileFormat.Index;
        }

        // The reader of the format that the file name announces has the better error message for a damaged file.
        return file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            ? WeightFileFormat.Safetensors
            : throw new WeightFileException(
                $"The file {file.Path} is neither a safetensors file nor a PyTorch archive nor a GGUF file nor an index: it is "
                + "damaged or has another format.");
    }
}
