using System.IO.MemoryMappedFiles;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>
/// One file opened for reading at given places, by several threads at once, and for mapping. A file that was cut after it was
/// opened gives an error, never a fault, as long as it is read and not mapped.
/// </summary>
internal sealed unsafe class WeightFile : IDisposable
{
    // Copying out of the page cache is bound by memory, and a disk likes several requests at once: a few threads serve both.
    private const int ChunkBytes = 8 << 20;

    // Small enough to stay in a core's own cache between being read and being looked at.
    private const int PieceBytes = 512 << 10;
    private const int MaxThreads = 4;

    private readonly SafeFileHandle _handle;
    private readonly Lock _gate = new();
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private bool _mappingFailed;
    private bool _disposed;

    private WeightFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        Length = length;
    }

    /// <summary>Takes a piece of what is read.</summary>
    /// <param name="start">Where it begins within the part that was asked for.</param>
    /// <param name="data">Its bytes, valid during the call.</param>
    /// <param name="count">How many they are, a multiple of 8 but at the end.</param>
    public delegate void PieceReader(long start, byte* data, long count);

    /// <summary>The path, as it was given.</summary>
    public string Path { get; }

    /// <summary>How many bytes the file had when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="WeightFileException">It is missing, a folder, or can't be read.</exception>
    public static WeightFile Open(string path)
    {
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                return new WeightFile(path, handle, RandomAccess.GetLength(handle));
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
            throw new WeightFileException($"The file {path} can't be opened for reading: {e.Message}", e);
        }
    }

    /// <summary>Reads a small part.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="count">How many bytes; the caller has checked that the file is that long.</param>
    public byte[] ReadBytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Fill(bytes, offset);
        return bytes;
    }

    /// <summary>Reads into memory; in parallel where it is much.</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="count">How many bytes.</param>
    /// <exception cref="WeightFileException">The file was cut after it was opened, or can't be read.</exception>
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

    /// <summary>Reads piece by piece, several at once, and gives each to whoever wants to see it.</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes it has.</param>
    /// <param name="reader">Takes the pieces, in any order, on several threads.</param>
    /// <exception cref="WeightFileException">The file was cut after it was opened, or can't be read.</exception>
    public void ReadPieces(long offset, long count, PieceReader reader)
    {
        ReadAhead.Announce(_handle, offset, count);
        InParallel(
            (count + ChunkBytes - 1) / ChunkBytes,
            (chunk, buffer) =>
            {
                // One after the other within a chunk, so that the system sees a file being read in order.
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

    // Does something for each number below a count, each thread with a buffer of its own.
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

    /// <summary>The mapped file, or null where it can't be mapped or has become shorter than the part that is wanted.</summary>
    /// <param name="end">Where that part ends.</param>
    public SafeMemoryMappedViewHandle? Map(long end)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_mappingFailed || RandomAccess.GetLength(_handle) < end)
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
                // A file system without mapping, or no address space left: reading still works.
                _mappingFailed = true;
                return null;
            }

            SafeMemoryMappedViewHandle view = _view.SafeMemoryMappedViewHandle;
            return (ulong)end <= view.ByteLength ? view : null;
        }
    }

    /// <summary>Closes the file. Tensors over its mapping keep that part of it alive.</summary>
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
                throw new WeightFileException($"The file {Path} can't be read at byte {offset}: {e.Message}", e);
            }

            if (read == 0)
            {
                throw new WeightFileException(
                    $"The file {Path} ends at byte {offset}, though it had {Length} bytes when it was opened: it was cut "
                    + "meanwhile.");
            }

            offset += read;
            destination = destination[read..];
        }
    }
}
