using NexusGen.Core;
using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// The data of a training: files in the official format, and worlds that make their samples on the fly, mixed by weight. A
/// source whose path has the form <c>world:part</c> is made by whoever the caller knows under that name.
/// </summary>
public sealed class SampleMix : ISampleData<TrainingSample>, IDisposable
{
    private readonly ISampleData<TrainingSample> _data;
    private readonly TrainingData<TrainingSample>? _files;

    /// <summary>Opens the data.</summary>
    /// <param name="sources">The sources and their shares.</param>
    /// <param name="seed">Decides all orders.</param>
    /// <param name="worlds">Makes the data of a source that is no file, given its path and the seed; null where it knows no such world.</param>
    /// <param name="check">Looks at each record of a file, and throws a <see cref="NexusGenException"/> where it is broken.</param>
    /// <param name="maxBroken">How many records of the files may be broken.</param>
    /// <param name="report">Hears of each broken record once.</param>
    /// <exception cref="NexusGenException">A file can't be read, a weight is not positive, or nobody knows a world.</exception>
    public SampleMix(
        IReadOnlyList<DataSource> sources,
        ulong seed,
        Func<string, ulong, ISampleData<TrainingSample>?>? worlds = null,
        Action<TrainingSample>? check = null,
        int maxBroken = 100,
        Action<BrokenRecord>? report = null)
    {
        if (sources.Count == 0 || sources.Any(source => !(source.Weight > 0)))
        {
            throw new TrainingException("The training data needs at least one source, and each source a weight above 0.");
        }

        List<(double, ISampleData<TrainingSample>)> parts = [];
        foreach (DataSource source in sources.Where(source => !IsFile(source)))
        {
            // The seed of each world is its own, so that two sources of one world are not the same samples.
            ISampleData<TrainingSample> world = worlds?.Invoke(source.Path, CounterRandom.Hash(seed, (ulong)parts.Count, 1))
                ?? throw new TrainingException($"There is no training data \"{source.Path}\": name a file of JSON lines, or a world that is known.");
            parts.Add((source.Weight, world));
        }

        DataSource[] files = [.. sources.Where(IsFile)];
        if (files.Length > 0)
        {
            _files = new TrainingData<TrainingSample>(files, seed, (line, folder) => Read(line, folder, check), maxBroken, report);
            parts.Add((files.Sum(source => source.Weight), _files));
        }

        _data = parts.Count == 1 ? parts[0].Item2 : new SourceMix<TrainingSample>(parts, seed);
    }

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

    // A Windows path begins with one letter and a colon.
    private static bool IsFile(DataSource source) => source.Path.IndexOf(':') < 2 || File.Exists(source.Path);
}
