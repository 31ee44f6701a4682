namespace NexusGen.Training;

/// <summary>
/// The data of a training: files in the official format, and worlds that make their samples on the fly, mixed by weight. A
/// source whose path has the form <c>world:part</c> is made by whoever the caller knows under that name.
/// </summary>
public sealed class SampleMix : ISampleData<TrainingSample>, IDisposable
{
    private const ulong ChoicePurpose = 0x6d69786564;

    private readonly ulong _seed;
    private readonly List<(double Bound, ISampleData<TrainingSample> Data)> _parts = [];
    private readonly TrainingData<TrainingSample>? _files;

    /// <summary>Opens the data.</summary>
    /// <param name="sources">The sources and their shares.</param>
    /// <param name="seed">Decides all orders.</param>
    /// <param name="worlds">Makes the data of a source that is no file, given its path and the seed; null where it knows no such world.</param>
    /// <param name="maxBroken">How many records of the files may be broken.</param>
    /// <param name="report">Hears of each broken record once.</param>
    /// <exception cref="NexusGenException">A file can't be read, a weight is not positive, or nobody knows a world.</exception>
    public SampleMix(
        IReadOnlyList<DataSource> sources,
        ulong seed,
        Func<string, ulong, ISampleData<TrainingSample>?>? worlds = null,
        int maxBroken = 100,
        Action<BrokenRecord>? report = null)
    {
        _seed = seed;
        if (sources.Count == 0 || sources.Any(source => !(source.Weight > 0)))
        {
            throw new TrainingException("The training data needs at least one source, and each source a weight above 0.");
        }

        List<DataSource> files = [];
        double bound = 0;
        foreach (DataSource source in sources)
        {
            // The seed of each world is its own, so that two sources of one world are not the same samples.
            if (IsFile(source))
            {
                files.Add(source);
                continue;
            }

            ISampleData<TrainingSample> world = worlds?.Invoke(source.Path, CounterRandom.Hash(seed, (ulong)_parts.Count, 1))
                ?? throw new TrainingException($"There is no training data \"{source.Path}\": name a file of JSON lines, or a world that is known.");
            _parts.Add((bound += source.Weight, world));
        }

        if (files.Count > 0)
        {
            _files = new TrainingData<TrainingSample>(files, seed, (line, folder) => TrainingSample.Load(TrainingRecord.Parse(line, folder)), maxBroken, report);
            _parts.Add((bound + files.Sum(source => source.Weight), _files));
        }
    }

    /// <inheritdoc/>
    public TrainingSample this[long place]
    {
        get
        {
            double choice = _parts.Count == 1 ? 0 : CounterRandom.Uniform(_seed, ChoicePurpose, (ulong)place) * _parts[^1].Bound;
            return _parts.First(part => choice < part.Bound).Data[place];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files?.Dispose();

    // A Windows path begins with one letter and a colon.
    private static bool IsFile(DataSource source) => source.Path.IndexOf(':') < 2 || File.Exists(source.Path);
}
