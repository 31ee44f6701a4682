using NexusGen.Core;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// The data of a training: files in the official format, folders of images, and worlds that generate samples on the fly, mixed
/// by weight. A source whose path has the form <c>world:part</c> is created by a callback.
/// </summary>
internal sealed class SampleMix : ISampleData<TrainingSample>, IDisposable
{
    private readonly ISampleData<TrainingSample> _data;
    private readonly TrainingData<TrainingSample>? _files;

    /// <summary>Opens the data.</summary>
    /// <param name="sources">The sources and their weights.</param>
    /// <param name="seed">The seed of all orders.</param>
    /// <param name="worlds">
    /// Creates the data of a source that is not a file from its path and a seed. Returns null for an unknown world.
    /// </param>
    /// <param name="check">Validates each record of a file and throws a <see cref="NexusGenException"/> if it is invalid.</param>
    /// <param name="maxBroken">The maximum number of invalid records in the files.</param>
    /// <param name="report">Called once for each invalid record.</param>
    /// <param name="needsText">Whether an image of a folder can't be used without a caption.</param>
    /// <exception cref="NexusGenException">A file can't be read, a weight is not positive, or a world is unknown.</exception>
    public SampleMix(
        IReadOnlyList<DataSource> sources,
        ulong seed,
        Func<string, ulong, ISampleData<TrainingSample>?>? worlds = null,
        Action<TrainingSample>? check = null,
        int maxBroken = 100,
        Action<BrokenRecord>? report = null,
        bool needsText = true)
    {
        if (sources.Count == 0 || sources.Any(source => !(source.Weight > 0)))
        {
            throw new TrainingException("The training data must have at least one source, and each source a weight above 0.");
        }

        List<(double, ISampleData<TrainingSample>)> parts = [];
        foreach (DataSource source in sources.Where(source => !IsFile(source)))
        {
            // Each world has its own seed. Two sources of the same world therefore have different samples.
            ISampleData<TrainingSample> world = worlds?.Invoke(source.Path, CounterRandom.Hash(seed, (ulong)parts.Count, 1))
                ?? throw new TrainingException(
                    $"Unknown training data \"{source.Path}\"; use a JSON Lines file, a folder of images, or a known world.");
            parts.Add((source.Weight, world));
        }

        DataSource[] files = [.. sources.Where(IsFile)];
        if (files.Length > 0)
        {
            _files = new TrainingData<TrainingSample>(
                files, seed, (line, folder) => Read(line, folder, check), maxBroken, report, needsText);
            parts.Add((files.Sum(source => source.Weight), _files));
        }

        _data = parts.Count == 1 ? parts[0].Item2 : new SourceMix<TrainingSample>(parts, seed);
    }

    /// <summary>Gets the number of records of files and folders; worlds are endless.</summary>
    public long Count => _files?.Count ?? 0;

    /// <summary>Gets the records of files and folders that can't be used, as far as they were read.</summary>
    public IReadOnlyList<BrokenRecord> Broken => _files?.Broken ?? [];

    /// <inheritdoc/>
    public TrainingSample this[long place] => _data[place];

    /// <inheritdoc/>
    public void Dispose() => _files?.Dispose();

    private static TrainingSample Read(ReadOnlyMemory<byte> line, string folder, Action<TrainingSample>? check)
    {
        TrainingSample sample = TrainingSample.Load(TrainingRecord.Parse(line, folder));
        check?.Invoke(sample);
        return sample;
    }

    // A Windows path starts with one letter and a colon.
    private static bool IsFile(DataSource source) =>
        source.Path.IndexOf(':') < 2 || File.Exists(source.Path) || Directory.Exists(source.Path);
}
