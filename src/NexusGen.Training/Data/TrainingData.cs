using NexusGen.Core;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Several JSON lines files or folders of images, mixed by weight into one endless sequence of samples. The record at a position
/// depends only on the seed and the position. Only the offsets of the lines are kept in memory. An invalid record is reported
/// and replaced by the next valid one of its file, until there are too many of them. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the samples.</typeparam>
internal sealed class TrainingData<T> : ISampleData<T>, IDisposable
{
    private const ulong DrawPurpose = 0x63617074696f6e;

    private readonly List<(IRecordFile Records, string Folder)> _files = [];
    private readonly Func<ReadOnlyMemory<byte>, string, T> _read;
    private readonly DatasetMix _mix;
    private readonly ulong _seed;
    private readonly int _maxBroken;
    private readonly Action<BrokenRecord>? _report;
    private readonly Dictionary<(int File, long Record), BrokenRecord> _broken = [];

    /// <summary>Opens the files.</summary>
    /// <param name="sources">The files and their weights.</param>
    /// <param name="seed">The seed of all orders.</param>
    /// <param name="read">
    /// Creates a sample from a line and the folder that file names are relative to. An exception marks the record as invalid.
    /// </param>
    /// <param name="maxBroken">The maximum number of invalid records.</param>
    /// <param name="report">Called once for each invalid record, on any thread but never concurrently.</param>
    /// <param name="needsText">Whether an image of a folder can't be used without a caption.</param>
    /// <exception cref="NexusGenException">A file can't be read or contains no record, or a weight is not positive.</exception>
    public TrainingData(
        IReadOnlyList<DataSource> sources,
        ulong seed,
        Func<ReadOnlyMemory<byte>, string, T> read,
        int maxBroken = 100,
        Action<BrokenRecord>? report = null,
        bool needsText = true)
    {
        _read = read;
        _seed = seed;
        _maxBroken = maxBroken;
        _report = report;
        if (sources.Count == 0 || sources.FirstOrDefault(source => !(source.Weight > 0)) is not null)
        {
            throw new TrainingException("The training data must have at least one file, and each file a weight above 0.");
        }

        try
        {
            foreach (DataSource source in sources)
            {
                _files.Add(Open(source, needsText));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        _mix = new DatasetMix([.. _files.Select(file => file.Records.Count)], [.. sources.Select(source => source.Weight)], seed);
    }

    /// <summary>Gets the total number of records in the files.</summary>
    public long Count => _files.Sum(file => file.Records.Count);

    /// <summary>Gets the invalid records that were found so far.</summary>
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

    /// <summary>Gets the sample at a position.</summary>
    /// <param name="place">The position, from 0 without an upper limit.</param>
    /// <exception cref="TrainingException">There are too many invalid records, or a file contains only invalid ones.</exception>
    public T this[long place]
    {
        get
        {
            (int file, long first) = _mix[place];
            IRecordFile records = _files[file].Records;
            ulong draw = CounterRandom.Hash(_seed, DrawPurpose, (ulong)place);
            for (long i = 0; i < records.Count; i++)
            {
                long record = (first + i) % records.Count;
                if (TryRead(file, record, draw, out T? sample))
                {
                    return sample!;
                }
            }

            string kind = records is ImageFolder ? "folder" : "file";
            throw new TrainingException($"No record of the data {kind} {records.Path} is usable: {Broken[^1]}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Records.Dispose());

    private static (IRecordFile Records, string Folder) Open(DataSource source, bool needsText)
    {
        if (Directory.Exists(source.Path))
        {
            return (new ImageFolder(source, needsText), source.Path);
        }

        return source.Repeats == 1 && source.Trigger is null && source.CaptionDropout == 0
            ? (new JsonLines(source.Path), source.Folder ?? Path.GetDirectoryName(Path.GetFullPath(source.Path))!)
            : throw new TrainingException(
                $"{source.Path} is not a folder of images, which repeats, trigger and caption_dropout are for.");
    }

    private bool TryRead(int file, long record, ulong draw, out T? sample)
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
            (IRecordFile records, string folder) = _files[file];
            sample = _read(records.Read(record, draw), folder);
            return true;
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // Whatever a record holds, it must not end the run: it comes from elsewhere, and its line is what a user needs.
            AddBroken(file, record, e);
            return false;
        }
    }

    private void AddBroken(int file, long record, Exception reason)
    {
        BrokenRecord broken = _files[file].Records.Broken(record, reason.Message.Split('\n')[0].TrimEnd());
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
                    $"More than {_maxBroken} records of the training data are invalid, the last one {broken}; fix the data or "
                    + "allow more invalid records.",
                    reason);
            }
        }
    }
}
