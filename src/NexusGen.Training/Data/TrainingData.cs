using NexusGen.Core;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Several files of JSON lines, mixed by weight into one endless row of samples. Which record is at a place follows from the
/// seed and the place; nothing but the places of lines is held in memory. A record that can't be used is reported, and the
/// next one of its file takes its place, until there are too many. Safe to use from several threads.
/// </summary>
/// <typeparam name="T">A sample.</typeparam>
public sealed class TrainingData<T> : ISampleData<T>, IDisposable
{
    private readonly List<(JsonLines Lines, string Folder)> _files = [];
    private readonly Func<ReadOnlyMemory<byte>, string, T> _read;
    private readonly DatasetMix _mix;
    private readonly int _maxBroken;
    private readonly Action<BrokenRecord>? _report;
    private readonly Dictionary<(int File, long Record), BrokenRecord> _broken = [];

    /// <summary>Opens the files.</summary>
    /// <param name="sources">The files and their shares.</param>
    /// <param name="seed">Decides all orders.</param>
    /// <param name="read">
    /// Makes a sample of a line and the folder that names are resolved against. A <see cref="NexusGenException"/> or an error of
    /// input or output means that the record is broken.
    /// </param>
    /// <param name="maxBroken">How many records may be broken.</param>
    /// <param name="report">Hears of each broken record once, on any thread, one at a time.</param>
    /// <exception cref="NexusGenException">A file can't be read or holds no record, or a weight is not positive.</exception>
    public TrainingData(
        IReadOnlyList<DataSource> sources,
        ulong seed,
        Func<ReadOnlyMemory<byte>, string, T> read,
        int maxBroken = 100,
        Action<BrokenRecord>? report = null)
    {
        _read = read;
        _maxBroken = maxBroken;
        _report = report;
        if (sources.Count == 0 || sources.FirstOrDefault(source => !(source.Weight > 0)) is not null)
        {
            throw new TrainingException("The training data needs at least one file, and each file a weight above 0.");
        }

        try
        {
            foreach (DataSource source in sources)
            {
                _files.Add((new JsonLines(source.Path), source.Folder ?? Path.GetDirectoryName(Path.GetFullPath(source.Path))!));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        _mix = new DatasetMix([.. _files.Select(file => file.Lines.Count)], [.. sources.Select(source => source.Weight)], seed);
    }

    /// <summary>How many records the files have together.</summary>
    public long Count => _files.Sum(file => file.Lines.Count);

    /// <summary>The broken records that were met so far.</summary>
    public IReadOnlyList<BrokenRecord> Broken
    {
        get
        {
            lock (_broken)
            {
                return [.. _broken.Values];
            }
        }
    }

    /// <summary>The sample at a place.</summary>
    /// <param name="place">From 0, without end.</param>
    /// <exception cref="TrainingException">More records are broken than may be, or all of a file.</exception>
    public T this[long place]
    {
        get
        {
            (int file, long first) = _mix[place];
            JsonLines lines = _files[file].Lines;
            for (long i = 0; i < lines.Count; i++)
            {
                long record = (first + i) % lines.Count;
                if (TryRead(file, record, out T? sample))
                {
                    return sample!;
                }
            }

            throw new TrainingException($"No record of the data file {lines.Path} can be used: {Broken[^1]}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Lines.Dispose());

    private bool TryRead(int file, long record, out T? sample)
    {
        sample = default;
        lock (_broken)
        {
            if (_broken.ContainsKey((file, record)))
            {
                return false;
            }
        }

        try
        {
            (JsonLines lines, string folder) = _files[file];
            sample = _read(lines[record], folder);
            return true;
        }
        catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
        {
            AddBroken(file, record, e);
            return false;
        }
    }

    private void AddBroken(int file, long record, Exception reason)
    {
        JsonLines lines = _files[file].Lines;
        var broken = new BrokenRecord(lines.Path, lines.LineNumber(record), reason.Message);
        lock (_broken)
        {
            if (!_broken.TryAdd((file, record), broken))
            {
                return;
            }

            _report?.Invoke(broken);
            if (_broken.Count > _maxBroken)
            {
                throw new TrainingException(
                    $"More than {_maxBroken} records of the training data are broken, the last one {broken}. Mend the data, or allow "
                    + "more broken records.",
                    reason);
            }
        }
    }
}
