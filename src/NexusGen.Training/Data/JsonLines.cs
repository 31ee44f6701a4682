using Microsoft.Win32.SafeHandles;
using NexusGen.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A JSON lines file that is read on demand. Only the offsets of the lines are kept in memory, 8 bytes each. Thread-safe.
/// </summary>
internal sealed class JsonLines : IRecordFile
{
    private const int ChunkBytes = 1 << 20;
    private const byte NewLine = (byte)'\n';

    private readonly SafeFileHandle _file;
    private readonly List<long> _starts = [];
    private readonly List<long> _blankBefore = [];
    private readonly long _length;

    /// <summary>Opens a file and finds its lines.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NexusGenException">The file can't be read or contains no record.</exception>
    public JsonLines(string path)
    {
        Path = path;
        try
        {
            _file = File.OpenHandle(path, options: FileOptions.RandomAccess);
            _length = RandomAccess.GetLength(_file);
            FindLines();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw new NexusGenException($"Can't read the data file {path}: {e.Message.TrimEnd('.')}.", e);
        }

        if (_starts.Count == 0)
        {
            _file.Dispose();
            throw new NexusGenException($"The data file {path} contains no records.");
        }
    }

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets the number of records. Blank lines are not counted.</summary>
    public long Count => _starts.Count;

    /// <summary>Gets the bytes of a record, without the line ending.</summary>
    /// <param name="index">The index of the record, from 0.</param>
    public byte[] this[long index]
    {
        get
        {
            long start = _starts[(int)index];
            long end = index + 1 < _starts.Count ? _starts[(int)index + 1] : _length;
            byte[] line = new byte[end - start];
            int read = RandomAccess.Read(_file, line, start);
            return line[..read].AsSpan().TrimEnd("\r\n \t"u8).ToArray();
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(long index, ulong draw) => this[index];

    /// <inheritdoc/>
    public BrokenRecord Broken(long index, string reason) => new(Path, LineNumber(index), reason);

    /// <summary>Returns the line number of a record as an editor shows it: from 1 and including blank lines.</summary>
    /// <param name="index">The index of the record, from 0.</param>
    public long LineNumber(long index)
    {
        int place = _blankBefore.BinarySearch(index + 1, Comparer<long>.Create((a, b) => a < b ? -1 : 1));
        return index + 1 + ~place;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long AfterByteOrderMark()
    {
        byte[] start = new byte[3];
        return start.AsSpan(0, RandomAccess.Read(_file, start, 0)) switch
        {
            [0xEF, 0xBB, 0xBF] => 3,
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => throw new IOException("it is UTF-16; save it as UTF-8"),
            _ => 0,
        };
    }

    private void FindLines()
    {
        byte[] chunk = new byte[ChunkBytes];
        bool atStart = true;
        long offset = AfterByteOrderMark();
        int read;
        while ((read = RandomAccess.Read(_file, chunk, offset)) > 0)
        {
            for (int i = 0; i < read; i++)
            {
                if (atStart && chunk[i] > ' ')
                {
                    _starts.Add(offset + i);
                    atStart = false;
                }
                else if (chunk[i] == NewLine)
                {
                    if (atStart)
                    {
                        _blankBefore.Add(_starts.Count);
                    }

                    atStart = true;
                }
            }

            offset += read;
        }
    }
}
