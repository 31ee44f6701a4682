using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NexusGen.Hub.Storage;

/// <summary>Computes the checksum of a file piece by piece: SHA-256, or the SHA-1 of git's objects.</summary>
internal sealed class FileChecksum : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly IncrementalHash _hash;

    /// <summary>Begins a checksum.</summary>
    /// <param name="expected">The expected one, whose length says which kind it is.</param>
    /// <param name="size">The length of the file, which git's kind depends on.</param>
    public FileChecksum(string expected, long size)
    {
        bool isGit = expected.Length == 40;
#pragma warning disable CA5350 // The hub names small files by git's SHA-1; nothing else is known of them.
        _hash = IncrementalHash.CreateHash(isGit ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
#pragma warning restore CA5350
        if (isGit)
        {
            _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
        }
    }

    /// <summary>Adds a piece.</summary>
    public void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <summary>Adds a part of a file.</summary>
    public async Task AppendAsync(Stream stream, long count, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        while (count > 0)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException("The file became shorter while it was read.");
            }

            _hash.AppendData(buffer, 0, read);
            count -= read;
        }
    }

    /// <summary>Returns the checksum in lower-case hexadecimal.</summary>
    public string End() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <summary>Returns whether a file has a length and a checksum. What is null is not compared.</summary>
    public static async Task<bool> MatchesAsync(string path, long? size, string? expected, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, useAsync: false);
        if (size is { } told && stream.Length != told)
        {
            return false;
        }

        if (expected is null)
        {
            return true;
        }

        using var checksum = new FileChecksum(expected, stream.Length);
        await checksum.AppendAsync(stream, stream.Length, cancellationToken).ConfigureAwait(false);
        return checksum.End() == expected;
    }
}
