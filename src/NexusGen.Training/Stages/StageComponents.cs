using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Training.Lora;
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

    /// <summary>Gets the folder of the run.</summary>
    public string Folder => request.Folder;

    /// <summary>Gets what stops the preparation of the data.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Opens the training data.</summary>
    /// <param name="check">Validates each record of a file and throws if it is invalid, or null to accept every record.</param>
    /// <param name="needsText">Whether an image of a folder can't be used without a caption.</param>
    public ISampleData<TrainingSample> Data(Action<TrainingSample>? check = null, bool needsText = true) =>
        Open(configuration.Data, check, needsText);

    /// <summary>Opens the validation data. Returns null if the configuration names none.</summary>
    /// <inheritdoc cref="Data"/>
    public ISampleData<TrainingSample>? ValidationData(Action<TrainingSample>? check = null, bool needsText = true) =>
        configuration.ValidationData.Count == 0 ? null : Open(configuration.ValidationData, check, needsText);

    /// <summary>Reports a line of text.</summary>
    public void Say(string line) => request.Console?.WriteLine(line);

    /// <summary>Reports a record that was skipped.</summary>
    public void ReportBroken(BrokenRecord broken) => Say($"skipped: {broken}");

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

    /// <summary>Creates the LoRA that the configuration asks for, or returns null if the component itself is trained.</summary>
    /// <param name="stage">The name of the stage.</param>
    /// <param name="file">The file of the component's weights.</param>
    /// <param name="choose">Chooses the model that it changes.</param>
    /// <param name="layersOf">Returns the layers that can be trained.</param>
    public TrainedLora? Lora(
        string stage, string file, Func<LoraTargets, LoraTarget> choose, Func<LoraTarget, LoraLayers> layersOf)
    {
        if (configuration is not AdaptableTrainingConfiguration { Lora: { } section } adaptable)
        {
            return null;
        }

        LoraTarget target = choose(new LoraTargets(Files));
        return Use(TrainedLora.Create(
            section, section.Format ?? adaptable.LoraForms[0], target, layersOf(target), (stage, Path.GetFileName(file)),
            configuration.Seed, Options.Placement.Device));
    }

    /// <summary>
    /// Loads a component whose weights stay as they are while a LoRA is trained. Nothing writes to them, so they may be
    /// memory-mapped.
    /// </summary>
    /// <typeparam name="T">The type of the component.</typeparam>
    /// <param name="component">The component.</param>
    /// <param name="lora">The LoRA of this component, or null if it changes another one.</param>
    public T Under<T>(ModelPart<T> component, TrainedLora? lora)
        where T : Module
    {
        LoraSection section = ((AdaptableTrainingConfiguration)configuration).Lora!;
        LoadOptions options = Options with
        {
            MapFiles = true,
            Trained = lora?.Deltas,
            Placement = Options.Placement with
            {
                Storage = section.Weights == LoraStorage.Bf16 ? ScalarType.BFloat16 : Options.Placement.Storage,
            },
            LinearFormat = section.LinearFormat,
        };
        return component.Load(
            options, lora is null || section.MemoryBudget is not { } budget ? long.MaxValue : (long)(budget * 1e9));
    }

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

    private SampleMix Open(IReadOnlyList<DataSource> sources, Action<TrainingSample>? check, bool needsText) => Use(new SampleMix(
        sources, configuration.Seed, request.Worlds, check, configuration.MaxBrokenRecords, ReportBroken, needsText));
}
