using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Gradients;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>
/// The condition of a decoder's training batch (its embeddings or the empty prompt) and its timesteps (one per batch or per
/// image).
/// </summary>
public sealed class DecoderObjectiveTests
{
    private const int Tokens = 4;

    [Fact]
    public void WithoutDropoutEveryBatchIsTrainedUnderItsEmbeddings()
    {
        using var run = new Run(new DecoderTrainingConfiguration(), seed: 1);
        using var other = new Run(new DecoderTrainingConfiguration(), seed: 2);
        for (int batch = 0; batch < 50; batch++)
        {
            Assert.NotEqual(run.Loss(batch), other.Loss(batch));
        }

        Assert.Equal(50, run.Decoder.Asked);
    }

    // Other embeddings don't change the loss, and it equals that of embeddings which are the empty prompt's.
    [Fact]
    public void WithADropoutOfOneEveryBatchIsTrainedUnderTheEmptyPrompt()
    {
        var always = new DecoderTrainingConfiguration { ConditionDropout = 1 };
        using Run run = new(always, seed: 1), other = new(always, seed: 2),
            empty = new(new DecoderTrainingConfiguration(), seed: null);
        for (int batch = 0; batch < 50; batch++)
        {
            double loss = run.Loss(batch);
            Assert.Equal(loss, other.Loss(batch));
            Assert.Equal(empty.Loss(batch), loss, 1e-6 * loss);
        }

        Assert.Equal(0, run.Decoder.Asked);
        Assert.Equal(50, empty.Decoder.Asked);
    }

    [Theory]
    [InlineData(0.05, 7)]
    [InlineData(0.05, 8)]
    [InlineData(0.4, 7)]
    public void ThatShareOfTheBatchesLosesItsEmbeddings(double share, ulong seed)
    {
        const int batches = 1000;
        using var run = new Run(new DecoderTrainingConfiguration { ConditionDropout = share, Seed = seed }, seed: 1);
        bool[] dropped = [.. Enumerable.Range(0, batches).Select(run.IsDropped)];

        // Four standard deviations. The random numbers are fixed by the seed, so the result never changes.
        double deviation = Math.Sqrt(share * (1 - share) / batches);
        Assert.InRange(dropped.Count(each => each) / (double)batches, share - (4 * deviation), share + (4 * deviation));
        Assert.Equal(dropped[..100], Enumerable.Range(0, 100).Select(run.IsDropped));
        using var next = new Run(new DecoderTrainingConfiguration { ConditionDropout = share, Seed = seed + 1 }, seed: 1);
        Assert.NotEqual(dropped, Enumerable.Range(0, batches).Select(next.IsDropped));
    }

    [Fact]
    public void ValidationLooksAtTheEmbeddingsWhateverTrainingDrops()
    {
        using var run = new Run(
            new DecoderTrainingConfiguration { ConditionDropout = 1, ValidationSamples = 6, BatchSize = 2 }, seed: 1);
        IReadOnlyDictionary<string, double> measured = run.Task.Validate(1, default)!;
        Assert.True(measured["loss"] > 0);
        Assert.True(measured["first_step"] > 0);

        // Of each of the three batches, at its own timesteps and at pure noise.
        Assert.Equal(6, run.Decoder.Asked);
    }

    [Fact]
    public void ABatchHasOneTimestep() =>
        Assert.All(
            Timesteps(perSample: false, first: 0, count: 5)[1..],
            row => Assert.Equal(0, row.Distance(Timesteps(false, 0, 1)[0]), 1e-4));

    // A timestep depends only on the number of the image and is therefore the same in another batch.
    [Fact]
    public void OrEachPictureHasItsOwn()
    {
        TimestepVector[] rows = Timesteps(perSample: true, first: 0, count: 5);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.All(rows[(i + 1)..], other => Assert.True(rows[i].Distance(other) > 1e-2));
            Assert.Equal(0, rows[i].Distance(Timesteps(perSample: true, first: i, count: 1)[0]), 1e-4);
            Assert.Equal(0, rows[i].Distance(Timesteps(perSample: false, first: i, count: 1)[0]), 1e-4);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BlocksAreCheckpointedWhereTheConfigurationSaysSo(bool checkpointed)
    {
        using var run = new Run(new DecoderTrainingConfiguration { GradientCheckpointing = checkpointed }, seed: 1);
        Assert.Equal(checkpointed, run.Decoder.Transformer.BlockRunner is not null);
    }

    // The vector that the blocks receive for timestep, guidance and prompt, of which only the timestep differs here.
    private static TimestepVector[] Timesteps(bool perSample, int first, int count)
    {
        using var run = new Run(new DecoderTrainingConfiguration { TimestepPerSample = perSample }, seed: 1);
        List<TimestepVector> rows = [];
        run.Decoder.Transformer.BlockRunner = (block, inputs) =>
        {
            // The first block is a double-stream one with the inputs image, text and vector.
            if (rows.Count == 0)
            {
                rows.AddRange(
                    Enumerable.Range(0, count).Select(row => new TimestepVector(inputs[2][row].data<float>().ToArray())));
            }

            return block(inputs);
        };
        run.Loss(first, count);
        Assert.Equal(count, rows.Count);
        return [.. rows];
    }

    private sealed record TimestepVector(float[] Values)
    {
        public double Distance(TimestepVector other) => Values.Zip(other.Values).Max(pair => Math.Abs(pair.First - pair.Second));
    }

    private sealed class Run : IDisposable
    {
        public Run(DecoderTrainingConfiguration configuration, ulong? seed)
        {
            using var generator = new Generator(3);
            PromptEmbeddings empty = new(
                randn([1, WatchedDecoder.Sizes.VecInDim], generator: generator),
                randn([1, Tokens, WatchedDecoder.Sizes.ContextInDim], generator: generator));
            var samples = new Samples(seed is null ? empty.Context : null, seed ?? 0);
            SavedWeights weights = SavedWeights.Of("decoder", Decoder.Transformer);
            Task = new DecoderObjective(Decoder, null, empty, new GridSizes(), configuration, [weights], samples, samples);
        }

        public WatchedDecoder Decoder { get; } = new();

        public DecoderObjective Task { get; }

        public double Loss(int first) => Loss(first, 1);

        public double Loss(int first, int count)
        {
            using var scope = NewDisposeScope();
            using IDisposable inference = no_grad();
            var place = new MicroBatch(0, first, 0, first, count);
            using DecoderBatch batch = Task.Prepare(place, default);
            return Task.ComputeLoss(place, batch, LossShares.Whole).Total.item<float>();
        }

        public bool IsDropped(int first)
        {
            int before = Decoder.Asked;
            Loss(first);
            return Decoder.Asked == before;
        }

        public void Dispose() => Task.Dispose();
    }

    // Embeddings depend on position and seed, or are always the same; latents depend on the position only.
    private sealed class Samples(Tensor? always, ulong seed) : ISampleData<DecoderSample>
    {
        public DecoderSample this[long place]
        {
            get
            {
                using Generator latents = new(100 + (ulong)place), embeddings = new((1000 * seed) + (ulong)place);
                Tensor drawn = always?.squeeze(0).clone()
                    ?? randn([Tokens, WatchedDecoder.Sizes.ContextInDim], generator: embeddings);
                return new DecoderSample(
                    drawn.DetachFromDisposeScope(), null, null, randn([16, 4, 4], generator: latents).DetachFromDisposeScope());
            }
        }
    }
}
