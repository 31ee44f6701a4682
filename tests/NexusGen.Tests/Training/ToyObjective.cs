using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Gradients;
using NexusGen.Training.Loop;
using NexusGen.Training.Optimization;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>An objective of two linear layers that learn a sine. Each sample depends only on its number.</summary>
internal sealed class ToyObjective : ITrainingObjective<ToyBatch>, IDisposable
{
    private const int Inputs = 3;

    private readonly ToyConfiguration _configuration;
    private readonly Linear _first;
    private readonly Linear _second;

    public ToyObjective(ToyConfiguration configuration)
    {
        _configuration = configuration;
        ScalarType type = configuration.Precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var source = new WeightSource(new RandomWeights(configuration.Seed), new LoadOptions(new Placement(CPU, type)));
        _first = new Linear(source["first"], Inputs, configuration.Width);
        _second = new Linear(source["second"], configuration.Width, 1);
        var names = new NameTable(
            new NamePair("first.weight", "net.0.weight"), new NamePair("first.bias", "net.0.bias", TensorChange.SwapHalves));
        Weights = [SavedWeights.Of("toy", _first, names, "model.").With(_second)];
        Groups = ParameterGroup.DecayMatricesOnly(
            configuration.FreezeFirst ? _second.Parameters : [.. _first.Parameters, .. _second.Parameters],
            configuration.WeightDecay);
    }

    public IReadOnlyList<ParameterGroup> Groups { get; }

    public IReadOnlyList<SavedWeights> Weights { get; }

    public Linear First => _first;

    public Linear Second => _second;

    /// <summary>Called before each batch is made, or null.</summary>
    public Action<MicroBatch>? Preparing { get; set; }

    /// <summary>Called in the backward pass of each batch, or null.</summary>
    public Action<MicroBatch>? GoingBack { get; set; }

    /// <summary>Called before each batch is computed, or null.</summary>
    public Action<MicroBatch>? Computing { get; set; }

    /// <summary>Gets the results of validations, in order. When there are none left, the actual loss is returned.</summary>
    public Queue<double> Validations { get; } = [];

    public ToyBatch Prepare(MicroBatch place, CancellationToken cancellation)
    {
        Preparing?.Invoke(place);
        float[] inputs =
        [
            .. from sample in place.Samples
               from i in Enumerable.Range(0, Inputs)
               select (float)CounterRandom.Uniform(place.Seed, (ulong)sample, (ulong)i),
        ];
        float[] targets = [.. inputs.Chunk(Inputs).Select(x => MathF.Sin((3 * x[0]) + x[1]) * x[2])];
        return new ToyBatch(tensor(inputs, [place.Count, Inputs]), tensor(targets, [place.Count, 1]));
    }

    public TrainingLoss ComputeLoss(MicroBatch place, ToyBatch batch, LossShares shares)
    {
        Computing?.Invoke(place);
        Tensor error = Forward(batch.Inputs) - batch.Targets;
        Tensor square = error.square().mean();
        Tensor total = place.Step == _configuration.LossIsNanAt ? square * float.NaN : square;
        if (_configuration.GradientIsInfinite)
        {
            total += (_second.Parameters.First().Value.to(ScalarType.Float32) * 0).abs().sqrt().sum();
        }

        if (GoingBack is not null)
        {
            // The block runs again in the backward pass.
            int runs = 0;
            total = GradientCheckpointing.Run(
                loss =>
                {
                    if (++runs == 2)
                    {
                        GoingBack(place);
                    }

                    return loss * 1;
                },
                total);
        }

        return new TrainingLoss(total * shares.Samples) { Parts = [new LossPart("absolute", error.abs().mean())] };
    }

    public IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using ToyBatch batch = Prepare(new MicroBatch(99, 0, 0, 0, 64), cancellation);
        double loss = (Forward(batch.Inputs) - batch.Targets).square().mean().item<float>();
        return new Dictionary<string, double> { ["loss"] = Validations.TryDequeue(out double given) ? given : loss };
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private Tensor Forward(Tensor inputs) =>
        _second.Forward(_first.Forward(inputs.to(_first.Parameters.First().Value.dtype)).tanh()).to(ScalarType.Float32);
}
