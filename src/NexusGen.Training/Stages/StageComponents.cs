using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Stages;

/// <summary>
/// Provides a stage with trained and frozen components of the model and with data. Disposes the data, but not the components.
/// </summary>
/// <param name="files">The files of the model.</param>
/// <param name="configuration">The training configuration.</param>
/// <param name="request">The run of the stage, with its device and worlds.</param>
internal sealed class StageComponents(ModelFiles files, ModelTrainingConfiguration configuration, StageRequest request)
    : IDisposable
{
    private readonly List<IDisposable> _used = [];

    /// <summary>Gets the files of the model.</summary>
    public ModelFiles Files { get; } = files;

    /// <summary>
    /// Gets the options for loading components. The files are not memory-mapped, because mapped weights can't be modified.
    /// </summary>
    public LoadOptions Options { get; } = new(new Placement(
        request.Device ?? CPU, configuration.Precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32))
    {
        MapFiles = false,
    };

    /// <summary>Opens the training data.</summary>
    /// <param name="check">Validates each record of a file and throws if it is invalid, or null to accept every record.</param>
    public ISampleData<TrainingSample> Data(Action<TrainingSample>? check = null) => Open(configuration.Data, check);

    /// <summary>Opens the validation data. Returns null if the configuration names none.</summary>
    /// <inheritdoc cref="Data"/>
    public ISampleData<TrainingSample>? ValidationData(Action<TrainingSample>? check = null) =>
        configuration.ValidationData.Count == 0 ? null : Open(configuration.ValidationData, check);

    /// <summary>Reports a record that was skipped.</summary>
    public void ReportBroken(BrokenRecord broken) => request.Console?.WriteLine($"skipped: {broken}");

    /// <summary>Loads a component to be trained, or creates it with random weights if the configuration says so.</summary>
    /// <typeparam name="T">The type of the component.</typeparam>
    /// <param name="component">The component.</param>
    public T Trained<T>(ModelPart<T> component)
        where T : Module =>
        configuration.FromNothing
            ? component.Build(new WeightSource(new RandomWeights(configuration.Seed), Options))
            : component.Load(Options);

    /// <summary>
    /// Loads a component with the model's weights in any case: a frozen one, or one whose weights another component starts from.
    /// </summary>
    /// <typeparam name="T">The type of the component.</typeparam>
    /// <param name="component">The component.</param>
    public T Frozen<T>(ModelPart<T> component)
        where T : Module => component.Load(Options);

    /// <summary>
    /// Creates random weights for a module that is not part of the model, such as a head that is discarded after the training.
    /// </summary>
    /// <param name="name">A unique name.</param>
    public WeightSource Random(string name) => new WeightSource(new RandomWeights(configuration.Seed), Options)[name];

    /// <inheritdoc/>
    public void Dispose() => _used.ForEach(item => item.Dispose());

    /// <summary>Registers an object to be disposed together with this one, if it is disposable.</summary>
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
