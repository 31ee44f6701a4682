using System.IO.MemoryMappedFiles;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>
/// A file opened for concurrent reads at given offsets and for memory mapping. If the file is truncated after it was opened,
/// reading throws an exception; only accessing its mapping can crash the process.
/// </summary>
internal sealed unsafe class WeightFile : IDisposable
{
    // Copying from the page cache is bound by memory, and a disk likes several requests at once: a few threads serve both.
    private const int ChunkBytes = 8 << 20;

    // Small enough to stay in a core's own cache between being read and being processed.
    private const int PieceBytes = 512 << 10;
    private const int MaxThreads = 4;

    private readonly SafeFileHandle _handle;
    private readonly Lock _gate = new();
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private bool _unmappable;
    private bool _disposed;

    private WeightFile(string path, SafeFileHandle handle, long length, bool map)
    {
        _unmappable = !map;
        Path = path;
        _handle = handle;
        Length = length;
    }

    /// <summary>Receives a piece of the data that was read.</summary>
    /// <param name="start">The offset of the piece within the requested part.</param>
    /// <param name="data">The bytes of the piece, valid during the call.</param>
    /// <param name="count">The number of bytes, which is a multiple of 8 except in the last piece.</param>
    public delegate void PieceReader(long start, byte* data, long count);

    /// <summary>Gets the path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Gets the number of bytes that the file had when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="map">
    /// Whether the file may be mapped. On network storage, reading is faster and a file that becomes shorter is an error instead
    /// of the end of the process.
    /// </param>
    /// <exception cref="WeightFileException">The file is missing, is a folder, or can't be read.</exception>
    public static WeightFile Open(string path, bool map = true)
    {
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                return new WeightFile(path, handle, RandomAccess.GetLength(handle), map);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WeightFileException($"The file {path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new WeightFileException($"Can't open the file {path} for reading: {e.Message}", e);
        }
    }

    /// <summary>Reads a small part.</summary>
    /// <param name="offset">The offset of the part.</param>
    /// <param name="count">The number of bytes; the caller has checked that the file is long enough.</param>
    public byte[] ReadBytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Fill(bytes, offset);
        return bytes;
    }

    /// <summary>Reads a part into memory, on several threads if it is large.</summary>
    /// <param name="offset">The offset of the part.</param>
    /// <param name="destination">The memory that receives the bytes.</param>
    /// <param name="count">The number of bytes.</param>
    /// <exception cref="WeightFileException">The file was truncated after it was opened, or can't be read.</exception>
    public void Read(long offset, byte* destination, long count)
    {
        long chunks = (count + ChunkBytes - 1) / ChunkBytes;
        if (chunks <= 2)
        {
            ReadChunks(0, chunks);
            return;
        }

        InParallel(chunks, (chunk, _) => ReadChunks(chunk, chunk + 1), 0);

        void ReadChunks(long first, long last)
        {
            for (long chunk = first; chunk < last; chunk++)
            {
                long start = chunk * ChunkBytes;
                int length = (int)Math.Min(ChunkBytes, count - start);
                Fill(new Span<byte>(destination + start, length), offset + start);
            }
        }
    }

    /// <summary>Reads a part piece by piece, several pieces at once, and passes each to a callback.</summary>
    /// <param name="offset">The offset of the part.</param>
    /// <param name="count">The number of bytes.</param>
    /// <param name="reader">Receives the pieces, in any order, on several threads.</param>
    /// <exception cref="WeightFileException">The file was truncated after it was opened, or can't be read.</exception>
    public void ReadPieces(long offset, long count, PieceReader reader)
    {
        ReadAhead.Announce(_handle, offset, count);
        InParallel(
            (count + ChunkBytes - 1) / ChunkBytes,
            (chunk, buffer) =>
            {
                // The pieces of a chunk are read one after another, so that the system recognizes sequential reads.
                long end = Math.Min(count, (chunk + 1) * ChunkBytes);
                for (long start = chunk * ChunkBytes; start < end; start += PieceBytes)
                {
                    int length = (int)Math.Min(PieceBytes, end - start);
                    Fill(new Span<byte>((byte*)buffer, length), offset + start);
                    reader(start, (byte*)buffer, length);
                }
            },
            PieceBytes);
    }

    // Runs the body for each number below the count; each thread has its own buffer.
    private static void InParallel(long count, Action<long, nint> body, int bufferBytes)
    {
        ParallelOptions threads = new() { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, MaxThreads) };
        try
        {
            Parallel.For(
                0L,
                count,
                threads,
                () => (nint)NativeMemory.Alloc((nuint)bufferBytes),
                (number, _, buffer) =>
                {
                    body(number, buffer);
                    return buffer;
                },
                buffer => NativeMemory.Free((void*)buffer));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>Gets the mapped file, or null if it can't be mapped or has become shorter than the requested part.</summary>
    /// <param name="end">The end of the requested part.</param>
    public SafeMemoryMappedViewHandle? Map(long end)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_unmappable || RandomAccess.GetLength(_handle) < end)
            {
                return null;
            }

            try
            {
                _map ??= MemoryMappedFile.CreateFromFile(
                    _handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                _view ??= _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // The file system does not support mapping, or no address space is left: reading still works.
                _unmappable = true;
                return null;
            }

            SafeMemoryMappedViewHandle view = _view.SafeMemoryMappedViewHandle;
            return (ulong)end <= view.ByteLength ? view : null;
        }
    }

    /// <summary>Closes the file. Tensors over its mapping keep the mapping alive.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _view?.Dispose();
            _map?.Dispose();
            _handle.Dispose();
        }
    }

    private void Fill(Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle, destination, offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new WeightFileException($"Can't read the file {Path} at byte {offset}: {e.Message}", e);
            }

            if (read == 0)
            {
                throw new WeightFileException(
                    $"The file {Path} ends at byte {offset}, although it had {Length} bytes when it was opened: it was truncated "
                    + "in the meantime.");
            }

            offset += read;
            destination = destination[read..];
        }
    }
}
