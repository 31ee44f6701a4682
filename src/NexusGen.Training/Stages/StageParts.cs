using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Stages;

/// <summary>What a stage is made from: parts of the model, to be trained or frozen, and data. It disposes the data.</summary>
/// <param name="files">The model's files.</param>
/// <param name="configuration">How it is trained.</param>
/// <param name="request">Where, and with which worlds.</param>
public sealed class StageParts(ModelFiles files, ModelTrainingConfiguration configuration, StageRequest request) : IDisposable
{
    private readonly List<IDisposable> _used = [];

    /// <summary>The model's files.</summary>
    public ModelFiles Files { get; } = files;

    /// <summary>How the parts are loaded. Mapped files can't be written, so none is mapped.</summary>
    public LoadOptions Options { get; } = new(new Placement(
        request.Device ?? CPU, configuration.Precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32))
    {
        MapFiles = false,
    };

    /// <summary>The data to train on.</summary>
    /// <param name="check">Looks at each record of a file, and throws where it is broken; null where every record will do.</param>
    public ISampleData<TrainingSample> Data(Action<TrainingSample>? check = null) => Open(configuration.Data, check);

    /// <summary>The data to validate on; null where none is named.</summary>
    /// <inheritdoc cref="Data"/>
    public ISampleData<TrainingSample>? ValidationData(Action<TrainingSample>? check = null) =>
        configuration.ValidationData.Count == 0 ? null : Open(configuration.ValidationData, check);

    /// <summary>Says that a record was left out.</summary>
    public void ReportBroken(BrokenRecord broken) => request.Console?.WriteLine($"left out: {broken}");

    /// <summary>Loads a part that is trained, from random weights where the configuration says so.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="part">The part.</param>
    public T Trained<T>(ModelPart<T> part)
        where T : Module =>
        configuration.FromNothing ? part.Build(new WeightSource(new RandomWeights(configuration.Seed), Options)) : part.Load(Options);

    /// <summary>Loads a part that only helps, or that another part begins as.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="part">The part.</param>
    public T Frozen<T>(ModelPart<T> part)
        where T : Module => part.Load(Options);

    /// <summary>Random weights for what is in no model: heads that are thrown away.</summary>
    /// <param name="name">A name of its own.</param>
    public WeightSource Random(string name) => new WeightSource(new RandomWeights(configuration.Seed), Options)[name];

    /// <inheritdoc/>
    public void Dispose() => _used.ForEach(item => item.Dispose());

    /// <summary>Disposes data when the stage has ended, where it can be.</summary>
    internal T Use<T>(T item)
    {
        if (item is IDisposable disposable)
        {
            _used.Add(disposable);
        }

        return item;
    }

    private SampleMix Open(IReadOnlyList<DataSource> sources, Action<TrainingSample>? check) => Use(new SampleMix(
        sources, configuration.Seed, request.Worlds, check, configuration.MaxBrokenRecords, ReportBroken));
}
