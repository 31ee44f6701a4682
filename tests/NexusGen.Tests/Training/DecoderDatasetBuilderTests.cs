using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Tests.Model;
using NexusGen.Tests.Training.Distributed;
using NexusGen.Torch;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Distributed;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Prepares the decoders' training data, including stopping and continuing.</summary>
public sealed class DecoderDatasetBuilderTests : IDisposable
{
    private static readonly DecoderDatasetOptions Options = new()
    {
        Samples = 10,
        ShardSamples = 4,
        BatchSize = 2,
        Width = 32,
        Height = 32
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AStoppedPreparationGoesOnToTheSameFiles()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Prepare("stopped", [], new Listener<DecoderDatasetProgress>(report =>
        {
            if (report.Prepared == 6)
            {
                stop.Cancel();
            }
        }), stop.Token));
        Assert.Equal(4, DecoderDatasetIndex.Read(_folder["stopped"]).Samples);

        List<DecoderDatasetProgress> reports = [];
        Prepare("stopped", [], new Listener<DecoderDatasetProgress>(reports.Add));
        Assert.Equal([6L, 8, 10], reports.Select(report => report.Prepared));
        Assert.All(reports, report => Assert.True(report.SamplesPerSecond > 0));
        Assert.Equal(TimeSpan.Zero, reports[^1].TimeLeft);

        Prepare("whole", [], null);
        string[] files = [.. Directory.EnumerateFiles(_folder["whole"]).Order().Select(file => Path.GetFileName(file)!)];
        Assert.Equal(4, files.Length);
        Assert.All(
            files,
            file => Assert.Equal(File.ReadAllBytes(_folder[$"whole/{file}"]), File.ReadAllBytes(_folder[$"stopped/{file}"])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void RanksPrepareTheFilesOfOneProcess(int ranks)
    {
        Prepare("whole", [], null);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ThreadRanks.Run(2, collectives =>
        {
            Prepare(
                "divided", [], new Listener<DecoderDatasetProgress>(
                    report => Stop(collectives.Rank == 0 && report.Prepared == 8, stop)),
                stop.Token, collectives: collectives);
            return true;
        }));
        Assert.Equal(8, DecoderDatasetIndex.Read(_folder["divided"]).Samples);
        ThreadRanks.Run(ranks, collectives =>
        {
            Prepare("divided", [], null, collectives: collectives);
            return true;
        });
        Assert.All(Directory.GetFiles(_folder["whole"]), file => AssertSame(file, _folder[$"divided/{Path.GetFileName(file)}"]));

        // Ranks that are threads share the threads of libtorch, so the last bit of a sum can differ.
        static void AssertSame(string one, string two)
        {
            if (Path.GetExtension(one) != ".safetensors")
            {
                Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(two));
                return;
            }

            using ITensorStore first = TensorStore.Open(one), second = TensorStore.Open(two);
            Assert.Equal(first.Entries.Keys, second.Entries.Keys);
            Assert.All(first.Entries, entry =>
            {
                using Tensor a = first.Read(entry.Value, ScalarType.Float32),
                    b = second.Read(second.Entries[entry.Key], ScalarType.Float32);
                Assert.Equal(a.shape, b.shape);
                Assert.True(allclose(a, b, 1e-3, 1e-5));
            });
        }

        static void Stop(bool now, CancellationTokenSource source)
        {
            if (now)
            {
                source.Cancel();
            }
        }
    }

    [Fact]
    public void WhatIsThereIsNotPreparedAgainAndNotMixedWithOtherData()
    {
        Prepare("data", ["pictures"], null);
        Prepare("data", ["pictures"], new Listener<DecoderDatasetProgress>(report => Assert.Fail($"{report}")));
        Assert.Contains(
            "choose another folder",
            Assert.Throws<TrainingException>(() => Prepare("data", ["edits"], null)).Message);
    }

    // Each latent's weight is the mean of the mask over its pixels; an image without a mask has ones.
    [Fact]
    public void MasksArePreparedAndRead()
    {
        using var scope = NewDisposeScope();
        byte[] half = [.. Enumerable.Range(0, 32 * 32).SelectMany(i => Enumerable.Repeat((byte)(i % 32 < 16 ? 255 : 51), 3))];
        RgbImage image = RgbImage.FromBytes(new byte[3 * 32 * 32], 32, 32);
        var data = new Pair(
            new TrainingSample([], [image]) { Mask = RgbImage.FromBytes(half, 32, 32) }, new TrainingSample([], [image]));
        using (var files = new ModelFiles(ModelPaths.Find(LoadedModel.Folder)))
        {
            new DecoderDatasetBuilder(files, LoadOptions.Reference)
                .Run(_folder["masked"], data, ["x"], Options with { Samples = 2, Type = ScalarType.Float32 });
        }

        using var dataset = new DecoderDataset(_folder["masked"], 0, editing: false);
        using DecoderSample first = dataset[0], second = dataset[1];
        DecoderSample[] both = [first, second];
        DecoderSample masked = Assert.Single(both, sample => sample.Mask!.min().item<float>() < 1);
        long width = masked.Latents!.shape[2];
        Assert.Equal([1, masked.Latents.shape[1], width], masked.Mask!.shape);
        Tensor expected = ones_like(masked.Mask);
        expected.narrow(2, width / 2, width / 2).fill_(0.2);
        Assert.True(expected.allclose(masked.Mask));
        Assert.True(both.Single(sample => sample != masked).Mask!.eq(1).all().item<bool>());
    }

    [Fact]
    public void WhatOtherWeightsOrAnotherPrecisionMadeIsNotMixed()
    {
        Prepare("data", [], null);
        Prepare("data", [], new Listener<DecoderDatasetProgress>(report => Assert.Fail($"{report}")));
        Assert.Contains(
            "prepared with other weights",
            Assert.Throws<TrainingException>(() => Prepare("data", [], null, type: ScalarType.BFloat16)).Message);
        using var other = new ModelCopy();
        other.Rewrite("FLUX/FLUX.1-dev/ae.safetensors", "FLUX/FLUX.1-dev/ae.safetensors", (_, value) => value * 2);
        Assert.Contains(
            "prepared with other weights",
            Assert.Throws<TrainingException>(() => Prepare("data", [], null, model: other.Path)).Message);
    }

    [Theory]
    [InlineData(false, false, "has no image", "hello", "hi")]
    [InlineData(false, false, null, "draw", "<image>")]
    [InlineData(false, false, null, "<image> what is it?", "a cat")]
    [InlineData(false, true, "generates no image", "<image> what is it?", "a cat")]
    [InlineData(false, true, null, "draw", "<image>")]
    [InlineData(true, false, "is not an edit", "draw", "<image>")]
    [InlineData(true, false, "is not an edit", "<image> what is it?", "a cat")]
    [InlineData(true, false, null, "<image> make it red", "<image>")]
    public void RecordsThatAreOfNoUseAreTold(bool editing, bool predicted, string? said, string asked, string answered)
    {
        using var files = new ModelFiles(ModelPaths.Find(ReferenceFolder.TinyModel));
        var check = new DecoderDatasetValidation(files, Options with { Editing = editing, Predicted = predicted });
        int pictures = (asked + answered).Split("<image>").Length - 1;
        var sample = new TrainingSample(
            [new("user", asked), new("assistant", answered)],
            [.. Enumerable.Repeat(RgbImage.FromBytes(new byte[56 * 56 * RgbImage.Channels], 56, 56), pictures)]);
        if (said is null)
        {
            check.Check(sample);
        }
        else
        {
            Assert.Contains(said, Assert.Throws<TrainingException>(() => check.Check(sample)).Message);
        }
    }

    [Theory]
    [InlineData(0, 100, 4, "0/100 samples  4 samples/s  25 s left")]
    [InlineData(1024, 65536, 5.83, "1024/65536 samples  5.8 samples/s  3 h 4 min left")]
    [InlineData(65536, 65536, 40.25, "65536/65536 samples  40.3 samples/s  0 s left")]
    public void ProgressSaysHowLongItTakes(long prepared, long samples, double speed, string line) =>
        Assert.Equal(
            line, new DecoderDatasetProgress { Prepared = prepared, Samples = samples, SamplesPerSecond = speed }.ToString());

    private void Prepare(
        string folder,
        string[] names,
        IProgress<DecoderDatasetProgress>? progress,
        CancellationToken stop = default,
        string? model = null,
        ScalarType type = ScalarType.Float32,
        ICollectives? collectives = null)
    {
        using var files = new ModelFiles(ModelPaths.Find(model ?? ReferenceFolder.TinyModel));
        new DecoderDatasetBuilder(files, new LoadOptions(new Placement(CPU, type)))
            .Run(_folder[folder], new Gradients(), names, Options, progress, stop, collectives);
    }

    // Images that differ by their position.
    private sealed class Gradients : ISampleData<TrainingSample>
    {
        public TrainingSample this[long place]
        {
            get
            {
                byte[] pixels =
                    [.. Enumerable.Range(0, 48 * 48 * RgbImage.Channels).Select(i => (byte)((i * (place + 1)) % 251))];
                return new TrainingSample([], [RgbImage.FromBytes(pixels, 48, 48)]);
            }
        }
    }

    private sealed class Pair(TrainingSample even, TrainingSample odd) : ISampleData<TrainingSample>
    {
        public TrainingSample this[long place] => place % 2 == 0 ? even : odd;
    }
}
