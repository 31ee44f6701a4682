using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Tests.Diffusion;
using NexusGen.Training.Decoders;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>The loss of phase 2 for batches whose images have different timesteps.</summary>
public sealed class FlowMatchingLossTests
{
    // Includes the timestep of almost no weight and the middle one, which has the highest weight.
    private static readonly int[] Steps = [0, 740, 250, 999];

    [Fact]
    public void OfSeveralTimestepsItIsTheMeanOfEachPicturesOwn()
    {
        using var scope = NewDisposeScope();
        using var model = new Batch();
        double[] alone = [.. Steps.Select((step, row) => model.Loss(row, 1, [step]))];
        Assert.Equal(alone.Average(), model.Loss(0, Steps.Length, Steps), 1e-5 * alone.Average());

        // The assignment of timesteps to images matters.
        Assert.NotEqual(alone.Average(), model.Loss(0, Steps.Length, [.. Steps.Reverse()]), 1e-3 * alone.Average());
    }

    [Fact]
    public void OneTimestepStandsForAll()
    {
        using var scope = NewDisposeScope();
        using var model = new Batch();
        Assert.Equal(model.Loss(0, 4, [300, 300, 300, 300]), model.Loss(0, 4, [300]));
    }

    [Fact]
    public void EachPicturesErrorCountsAsMuchAsItsTimestep()
    {
        using var scope = NewDisposeScope();
        using var model = new Batch();
        var schedule = new FlowMatchSchedule(FlowMatchSchedule.TrainingSteps);
        float[] weights = schedule.TrainingWeights();
        double expected = Steps
            .Select((step, row) => weights[step] * model.Error(row, schedule.Sigmas[step], schedule.Timesteps[step])).Average();
        Assert.Equal(expected, model.Loss(0, Steps.Length, Steps), 1e-5 * expected);
        Assert.True(weights[740] > 10 * weights[999]);

        float[] own = [.. Steps.Select((_, row) => row + 0.5f)];
        double weighted = Steps
            .Select((step, row) => own[row] * model.Error(row, schedule.Sigmas[step], schedule.Timesteps[step])).Average();
        Assert.Equal(weighted, model.Loss(0, Steps.Length, Steps, own), 1e-5 * weighted);
    }

    // What a mask leaves out does not count; the rest counts as without it.
    [Fact]
    public void AMaskWeighsTheErrorsOfItsPlaces()
    {
        using var scope = NewDisposeScope();
        using var model = new Batch();
        Tensor left = zeros([4, 1, 4, 6]);
        left.narrow(3, 0, 2).fill_(1);
        double all = model.Loss(0, 4, Steps), part = model.Loss(0, 4, Steps, mask: left);
        Assert.Equal(all, model.Loss(0, 4, Steps, mask: ones([4, 1, 4, 6])), 1e-6 * all);
        Assert.Equal(all, part + model.Loss(0, 4, Steps, mask: 1 - left), 1e-5 * all);
        Assert.InRange(part, 0.1 * all, 0.6 * all);
        Assert.Equal(0, model.Loss(0, 4, Steps, mask: zeros([4, 1, 4, 6])));
    }

    private sealed class Batch : IDisposable
    {
        private readonly FluxTransformer _transformer = SmallFlux.Build();
        private readonly DiffusionCondition _condition = SmallFlux.Condition(Steps.Length);
        private readonly Tensor _latents = randn([Steps.Length, 16, 4, 6], generator: new Generator(8));
        private readonly Tensor _noise = randn([Steps.Length, 16, 4, 6], generator: new Generator(9));

        public double Loss(int first, int count, int[] steps, float[]? weights = null, Tensor? mask = null) =>
            FlowMatchingLoss.Compute(
            _transformer,
            Condition(first, count),
            _latents.narrow(0, first, count),
            _noise.narrow(0, first, count),
            steps,
            weights,
            mask).item<float>();

        // The squared error of one image's velocity, computed explicitly.
        public double Error(int row, float sigma, float timestep)
        {
            Tensor latents = _latents.narrow(0, row, 1), noise = _noise.narrow(0, row, 1),
                noisy = ((1 - sigma) * latents) + (sigma * noise);
            DiffusionCondition condition = Condition(row, 1);
            Tensor velocity = _transformer.Forward(
                noisy, tensor(new[] { timestep }), condition.Context, condition.Pooled, tensor(new[] { 3.5f }),
                condition.TextIds);
            return (velocity - (noise - latents)).square().mean().item<float>();
        }

        public void Dispose() => _transformer.Dispose();

        private DiffusionCondition Condition(int first, int count) => new(
            _condition.Context.narrow(0, first, count),
            _condition.Pooled.narrow(0, first, count),
            _condition.TextIds.narrow(0, first, count));
    }
}
