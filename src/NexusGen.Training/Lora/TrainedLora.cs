using NexusGen.Lora;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Lora;

/// <summary>
/// A LoRA that is being trained: two matrices for each of its layers, the only parameters of the training. The layers compute
/// with them because the component is loaded with <see cref="Deltas"/>. It owns them.
/// </summary>
internal sealed class TrainedLora : IDisposable
{
    /// <summary>The name of its file in a checkpoint, without extension.</summary>
    public const string FileName = "lora";

    /// <summary>The endings of the names of its tensors in a checkpoint.</summary>
    internal const string Down = ".lora_A", Up = ".lora_B";

    private readonly List<TrainedDelta> _changes = [];

    private TrainedLora(LoraDescription description, IEnumerable<TrainedDelta> changes)
    {
        foreach ((TrainedDelta change, LoraDescription.Module module) in changes.Zip(description.Modules))
        {
            _changes.Add(change);
            Deltas.Add(module.Path, change, 1);
        }

        Weights = new SavedWeights(
            FileName,
            [
                .. _changes.SelectMany(change => (SavedTensor[])
                    [new(change.Down.Name, change.Down), new(change.Up.Name, change.Up)]),
            ])
        {
            Metadata = new Dictionary<string, string>
            {
                ["format"] = "pt",
                [LoraDescription.MetadataName] = description.ToJson(),
            },
        };
    }

    /// <summary>Gets the changes of the linear layers, for <see cref="LoadOptions.Trained"/>.</summary>
    public LinearDeltas Deltas { get; } = new();

    /// <summary>Gets the file of a checkpoint, with all trained parameters.</summary>
    public SavedWeights Weights { get; }

    /// <summary>
    /// Creates a LoRA that changes nothing yet: the first halves are random (uniform, as PyTorch's linear layers begin), the
    /// second ones are zeros. Or reads the one to go on from.
    /// </summary>
    /// <param name="section">The settings.</param>
    /// <param name="form">The form that its file will have.</param>
    /// <param name="target">The model that it changes.</param>
    /// <param name="layers">The layers that it may change.</param>
    /// <param name="names">The stage, and the name of the weights under it.</param>
    /// <param name="seed">The seed of the random values.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="Core.TrainingException">A pattern names no layer, or the file can't be trained on.</exception>
    public static TrainedLora Create(
        LoraSection section,
        LoraForm form,
        LoraTarget target,
        LoraLayers layers,
        (string Stage, string Base) names,
        ulong seed,
        Device device)
    {
        using IDisposable noGradient = no_grad();
        TrainedDelta[] changes = section.From is { } file
            ? Read(file, target, layers, section.Dropout, device)
            : Begin(section, layers, seed, device);
        int rank = section.Rank ?? LoraSection.DefaultRank;
        return new TrainedLora(
            new LoraDescription
            {
                Stage = names.Stage,
                Base = names.Base,
                Form = form,
                Rank = section.From is null ? rank : null,
                Alpha = section.From is null ? section.Alpha ?? rank : null,
                RankStabilized = section.RankStabilized,
                Dropout = section.Dropout,
                Modules =
                [
                    .. changes.Select(change => new LoraDescription.Module(
                        NameOf(change.Path, change.Start), change.Path, change.Start, change.Scale,
                        target.Layer(change.Path).In, target.Layer(change.Path).Out)),
                ],
            },
            changes);
    }

    /// <inheritdoc/>
    public void Dispose() => _changes.ForEach(change => change.Dispose());

    private static string NameOf(string path, long start) => start == 0 ? path : $"{path}@{start}";

    private static TrainedDelta[] Begin(LoraSection section, LoraLayers layers, ulong seed, Device device)
    {
        int rank = section.Rank ?? LoraSection.DefaultRank;
        double alpha = section.Alpha ?? rank, scale = alpha / (section.RankStabilized ? Math.Sqrt(rank) : rank);
        var random = new RandomWeights(seed);
        Parameter New(string name, Initialization initialization, params long[] shape) => new(
            name, random.Provide(new WeightRequest(name, shape, ScalarType.Float32, device, initialization)));
        return
        [
            .. layers.Find(section.Targets).Select(found => new TrainedDelta(
                found.Path,
                New(found.Path + Down, Initialization.FanIn(found.Layer.In), rank, found.Layer.In),
                New(found.Path + Up, Initialization.Zeros, found.Layer.Out, rank),
                scale)
            {
                Dropout = section.Dropout,
            }),
        ];
    }

    private static TrainedDelta[] Read(string path, LoraTarget target, LoraLayers layers, double dropout, Device device)
    {
        using LoraFile file = LoraFile.Open(path);
        using LoraWeights read = LoraReader.Read(file, target, device);
        if (read.Changes.FirstOrDefault(change => change.Delta is not LowRankDelta || !layers.Has(change.Path))
            is { Path: { } other } wrong)
        {
            throw new TrainingException(wrong.Delta is LowRankDelta
                ? $"lora.from: {path} changes {other}, which this stage does not train."
                : $"lora.from: {path} has more than two low-rank matrices for {other} (DoRA, a bias or a whole weight); only a "
                    + "plain LoRA can be trained on.");
        }

        if (read.Changes.GroupBy(change => (change.Path, change.Delta.Start)).FirstOrDefault(group => group.Count() > 1)
            is { } twice)
        {
            throw new TrainingException($"lora.from: {path} changes {twice.Key.Path} twice.");
        }

        Parameter Copy(string name, Tensor value) => new(name, value.to(ScalarType.Float32, copy: true));
        return
        [
            .. read.Changes.Select(change =>
            {
                var delta = (LowRankDelta)change.Delta;
                string name = NameOf(change.Path, delta.Start);
                return new TrainedDelta(
                    change.Path, Copy(name + Down, delta.Down), Copy(name + Up, delta.Up), delta.Scale, delta.Start)
                {
                    Dropout = dropout,
                };
            }),
        ];
    }
}
