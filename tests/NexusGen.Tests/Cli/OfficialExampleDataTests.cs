using System.Text.Json;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Tests.Training;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Cli;

/// <summary>
/// Training and preparation accept the official example data unchanged; broken records are reported and skipped.
/// </summary>
public sealed class OfficialExampleDataTests : IDisposable
{
    private const string Steps = "from_nothing: true\nlog_every: 1\nworkers: 0\nthreads: 1\nwarmup_steps: 0\n";

    private static readonly string Examples = Path.Combine(ReferenceFolder.Path, "example-dataset").Replace('\\', '/');

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public OfficialExampleDataTests() => _model = BegunModelFolder.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheLanguageModelTrainsOnTheExamples()
    {
        CliRun run = await Train(
            $"steps: 4\nbatch_size: 5\nlearning_rate: 0.01\ndata: [{{path: '{Examples}/llm_dataset.jsonl'}}]\n");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("finished after 4 steps", run.Out);
        Assert.Contains("wrote ", run.Out);
        Assert.DoesNotContain("skipped", run.Out);
        JsonElement[] steps = Metrics();
        Assert.Equal(4, steps.Length);

        // The records contain text and generated images, and the losses of both decrease.
        Assert.All(["token", "mse", "cosine"], part => Assert.All(steps, step => Assert.True(Part(step, part) > 0, part)));
        Assert.True(Part(steps[3], "token") < Part(steps[0], "token"));
        Assert.True(Part(steps[3], "cosine") < Part(steps[0], "cosine"));
    }

    // Enough samples to reach each of the eight records.
    [Fact]
    public async Task TheLanguageModelTrainsOnWhatIsNotBroken()
    {
        string data = Spoiled("llm_dataset.jsonl", pictures: "");
        CliRun run = await Train($"steps: 4\nbatch_size: 8\ndata: [{{path: '{data}', folder: '{Examples}'}}]\n");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("finished after 4 steps", run.Out);
        AssertLeftOut(run.Out, data, first: 6);
    }

    // Two records have the same images and ask in two languages.
    [Theory]
    [InlineData("generation", "gen_decoder_dataset.jsonl", "gen_0.png", 1)]
    [InlineData("editing", "edit_decoder_dataset.jsonl", "edit_0_1.png", 2)]
    public async Task TheDecodersDataIsPreparedFromTheExamples(string decoder, string file, string painted, int drawings)
    {
        CliRun run = await Prepare(decoder, $"{Examples}/{file}", samples: 4);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("4/4 samples", run.Out);
        using var scope = NewDisposeScope();
        using ITensorStore store = TensorStore.Open(_folder["prepared/shard-00000.safetensors"]);
        Assert.Equal(decoder == "editing" ? ["drawn", "latents", "source"] : ["drawn", "latents"], store.Entries.Keys.Order());

        // The image's own embeddings are the same in both languages; predicted ones depend on the text.
        Tensor drawn = Read(store, "drawn", 4, 16, 32);
        Assert.Equal(drawings, drawn.unique(dim: 0).output.shape[0]);
        if (decoder == "editing")
        {
            Assert.Equal(1, Read(store, "source", 4, 16, 32).unique(dim: 0).output.shape[0]);
        }

        Tensor latents = Read(store, "latents", 4, 16, 14, 14);
        Assert.True(latents.allclose(Latents(painted).expand_as(latents), rtol: 0.02, atol: 0.02));
        Assert.False(latents.allclose(Latents("edit_0_0.png").expand_as(latents), rtol: 0.02, atol: 0.02));
    }

    // Enough samples to reach each of the five records.
    [Theory]
    [InlineData("generation", "gen_decoder_dataset.jsonl")]
    [InlineData("editing", "edit_decoder_dataset.jsonl")]
    public async Task TheDecodersDataIsPreparedFromWhatIsNotBroken(string decoder, string file)
    {
        string data = Spoiled(file, pictures: Examples + "/");
        CliRun run = await Prepare(decoder, data, samples: 20);
        Assert.Equal(0, run.Code);
        Assert.Contains("20/20 samples", run.Out);
        AssertLeftOut(run.Error, data, first: 3);
        using ITensorStore store = TensorStore.Open(_folder["prepared/shard-00000.safetensors"]);
        using Tensor drawn = Read(store, "drawn", 20, 16, 32);
    }

    // The examples with three more lines: a missing image, too many marks, and invalid JSON.
    private string Spoiled(string file, string pictures)
    {
        string good = File.ReadAllText($"{Examples}/{file}").TrimEnd();
        string path = _folder[file].Replace('\\', '/');
        string[] lines =
        [
            good,
            good.Split('\n')[0].Replace("images/", "images/no-", StringComparison.Ordinal),
            good.Split('\n')[0].Replace("<image>", "<image><image>", StringComparison.Ordinal),
            good.Split('\n')[0][..^1],
        ];
        File.WriteAllLines(path, lines.Select(line => line.Replace("assets/", $"{pictures}assets/", StringComparison.Ordinal)));
        return path;
    }

    // Each record is reported once, however often it is sampled.
    private static void AssertLeftOut(string said, string file, int first)
    {
        string[] reports = [.. said.Split('\n').Where(line => line.StartsWith("skipped: ", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
        Assert.Collection(
            reports,
            report => Assert.Matches($"^skipped: .*, line {first}: .*no-", report),
            report => Assert.Matches($"^skipped: .*, line {first + 1}: has [12] images but [24] <image> marks", report),
            report => Assert.Matches($"^skipped: .*, line {first + 2}: is not a training record", report));
        Assert.All(reports, report => Assert.Contains(file, report));
    }

    private Task<CliRun> Train(string configuration)
    {
        File.WriteAllText(_folder["training.yaml"], Steps + configuration);
        return CliRun.Of(
            "train", "language-model", "--config", _folder["training.yaml"], "--model", _model, "--output", _folder["run"]);
    }

    private Task<CliRun> Prepare(string decoder, string data, int samples) => CliRun.Of(
        "prepare", decoder, "--data", data, "--samples", $"{samples}", "--batch-size", "4", "--threads", "1",
        "--output", _folder["prepared"], "--model", _model);

    private JsonElement[] Metrics() =>
        [.. File.ReadLines(_folder["run/metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];

    private static double Part(JsonElement step, string name) => step.GetProperty("parts").GetProperty(name).GetDouble();

    private static Tensor Read(ITensorStore store, string name, params long[] shape)
    {
        Tensor tensor = store.Read(store.Entries[name], ScalarType.Float32);
        Assert.Equal(shape, tensor.shape);
        Assert.True(tensor.isfinite().all().item<bool>(), name);
        return tensor;
    }

    private Tensor Latents(string picture)
    {
        using var files = new ModelFiles(ModelPaths.Find(_model));
        using AutoencoderEncoder autoencoder = files.AutoencoderEncoderPart.Load(LoadOptions.Reference);
        RgbImage image = ImageFile.Read($"{Examples}/assets/example_datasets/images/{picture}");
        return autoencoder.Forward(ImageTensor.FromImage(ImageFitting.CoverCrop(image, 112, 112)));
    }
}
