using System.Text.Json;
using NexusGen.Tests.Training;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Cli;

/// <summary>A model is trained from scratch, stage by stage, and then used, all through the command line.</summary>
public sealed class TrainingCommandTests
{
    private const string Few = "from_nothing: true\nsteps: 2\nbatch_size: 2\nlog_every: 1\nworkers: 0\nthreads: 1\n";

    [Fact]
    public async Task EveryStageTrainsAndTheModelDraws()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        await Train(folder, model, "autoencoder", Few
            + "guide_pictures: 4\nema_decay: 0.9\ndata: [{path: 'shapesworld:pictures'}]\n"
            + "validation_data: [{path: 'shapesworld:pictures@validation'}]\nvalidation_samples: 2\nvalidate_every: 1\n");
        await Train(folder, model, "vision", Few
            + "data: [{path: 'shapesworld:pictures'}]\nvalidation_data: [{path: 'shapesworld:pictures@test'}]\n"
            + "validation_samples: 2\nvalidate_every: 1\n");
        string learned = File.ReadAllText(folder["runs/vision/metrics.jsonl"]);
        Assert.All(["\"labels\"", "\"shape\"", "\"background\"", "\"psnr\""], name => Assert.Contains(name, learned));
        await Train(folder, model, "language-model", Few
            + $"packed_length: 100\nimage_label_weight: 0.5\nvision_training: '{folder["runs/vision"]}'\n"
            + "data: [{path: 'shapesworld:understand'}, {path: 'shapesworld:generate/single+two/en', weight: 2}, "
            + "{path: 'shapesworld:edit/copy'}, {path: 'shapesworld:edit/2'}, {path: 'shapesworld:talk'}]\n"
            + "validation_data: [{path: 'shapesworld:generate@validation'}]\nvalidation_samples: 2\nvalidate_every: 1\n");
        string joint = Few.Replace("from_nothing: true", "from_nothing: false", StringComparison.Ordinal)
            + $"train_vision: true\nvision_piece_weight: 2\nvision_training: '{folder["runs/vision"]}'\nema_decay: 0.9\n"
            + $"accumulate: 3\ndata: [{{path: 'shapesworld:understand'}}, {{path: 'shapesworld:generate'}}]\n";
        await TrainBothWays(folder, model, "language-model", joint, "joint");
        CliRun vision = await CliRun.Of("inspect", Path.Combine(model, "Nexus-GenV2", "model.safetensors"));
        Assert.Contains("visual.patch_embed.proj.weight", vision.Out);
        Assert.Contains("image_prefill_embeds.weight", vision.Out);

        await Prepare(model, folder["generation"], "generation", "shapesworld:generate");
        await Prepare(model, folder["predicted"], "generation", "shapesworld:generate", "--predicted");
        await Prepare(model, folder["editing"], "editing", "shapesworld:edit");
        CliRun mixed = await CliRun.Of(
            "prepare", "generation", "--data", "shapesworld:generate", "--samples", "9", "--predicted",
            "--output", folder["generation"], "--model", model);
        Assert.Equal(1, mixed.Code);
        Assert.Contains("choose another folder", mixed.Error);
        string prepared = $"data: [{{path: '{folder["generation"]}'}}, {{path: '{folder["predicted"]}', weight: 0.5}}]\n";
        await TrainBothWays(
            folder, model, "generation-decoder",
            Few + "accumulate: 3\ntimestep_per_sample: true\ncondition_dropout: 0.5\n" + prepared, "decoder");
        await Train(folder, model, "editing-decoder", Few
            + $"transformer_from_generation_decoder: true\nlearning_rate: 1e-30\nweight_decay: 0\n"
            + $"data: [{{path: '{folder["editing"]}'}}]\nvalidation_data: [{{path: '{folder["editing"]}'}}]\n"
            + $"validation_samples: 2\nvalidate_every: 1\n");

        AssertSameTransformer(Path.Combine(model, "Nexus-GenV2"));

        CliRun drawn = await CliRun.Of(
            "reconstruct", CliRun.Picture("cat.png"), "--model", model, "--output", folder["again.png"]);
        Assert.Equal((0, true), (drawn.Code, File.Exists(folder["again.png"])));
        CliRun edited = await CliRun.Of(
            "reconstruct", CliRun.Picture("cat.png"), "--model", model, "--use-editing-decoder",
            "--output", folder["edited.png"]);
        Assert.Equal((0, ""), (edited.Code, edited.Error));
        CliRun scores = await CliRun.Of(
            "eval", "shapesworld", "--model", model, "--count", "2", "--suite", "reconstruct,understand,predict",
            "--out", folder["scores"]);
        Assert.True(scores.Code == 0, scores.Error);
        Assert.Contains("understand   all", scores.Out);
        Assert.Contains("edit         recolour          2", scores.Out);
        Assert.Equal(20, File.ReadAllLines(folder["scores/cases.jsonl"]).Length);
        await Compare(folder, model, "prefill", "prefilled, free-running", "plain, teacher-forced");
        await Compare(
            folder, model, "unified", "unified", "edit-only", "phase 1, then the decoder trained on predicted embeddings");
    }

    // A comparison that is requested again is read, not trained again; other settings are refused.
    private static async Task Compare(TemporaryFolder folder, string model, string study, params string[] ways)
    {
        string[] Arguments(string steps) =>
            [
                "ablate", study, "--model", model, "--output", folder[study], "--steps", steps, "--start-steps", "1",
                "--seeds", "2", "--count", "2", "--batch-size", "2", "--threads", "1"
            ];
        CliRun run = await CliRun.Of(Arguments("1"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        string report = File.ReadAllText(folder[study + "/report.md"]);
        Assert.All(ways, way => Assert.Contains("| " + way, report));
        Assert.StartsWith("<?xml", File.ReadAllText(folder[study + "/errors-generate.svg"]));
        CliRun again = await CliRun.Of(Arguments("1"));
        Assert.DoesNotContain("step 1/1  loss", again.Out);
        Assert.Equal(report, File.ReadAllText(folder[study + "/report.md"]));
        CliRun other = await CliRun.Of(Arguments("2"));
        Assert.Contains("different settings", other.Error);
    }

    [Fact]
    public async Task AStoppedStageGoesOnAndItsWeightsCanBeTaken()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        string configuration = Few + "data: [{path: 'shapesworld:pictures'}]\ncheckpoint_every: 1\n";
        await Train(folder, model, "vision", configuration);
        CliRun again = await Run(folder, model, "vision", configuration, "--set", "steps=3");
        Assert.Equal(1, again.Code);
        Assert.Contains("resume", again.Error);
        CliRun resumed = await Run(folder, model, "vision", configuration, "--set", "steps=3", "--resume", "--no-install");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Contains("resuming after step 2", resumed.Out);
        string weights = Path.Combine(model, "Nexus-GenV2", "model.safetensors");
        byte[] before = File.ReadAllBytes(weights);
        CliRun exported = await CliRun.Of("export", folder["runs/vision"], "--model", model, "--precision", "bfloat16");
        Assert.Equal((0, ""), (exported.Code, exported.Error));
        Assert.InRange(new FileInfo(weights).Length, before.Length * 0.45, before.Length * 0.7);
        Assert.DoesNotContain(
            Directory.GetFiles(model, "*", SearchOption.AllDirectories),
            file => file.Contains("head", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ABeginningDoesNotReplaceAModel()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        CliRun run = await CliRun.Of("shapesworld", "model", "--output", model);
        Assert.Equal(1, run.Code);
        Assert.Contains("already contains a model", run.Error);
        Assert.Equal(SmallModelFolder.Configuration, File.ReadAllText(Path.Combine(model, "Nexus-GenV2", "config.json")));
        Assert.Contains("The output folder is missing", (await CliRun.Of("shapesworld", "model")).Error);
    }

    [Fact]
    public async Task AHeadLearnsAloneAndTheEncoderStays()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        await Train(folder, model, "vision", Few + "data: [{path: 'shapesworld:pictures'}]\n");
        Dictionary<string, byte[]> before = Encoder(model);
        CliRun head = await Run(
            folder, model, "vision", Few + "data: [{path: 'shapesworld:pictures'}]\n", "--set", "from_nothing=false",
            "--set", "train_encoder=false", "--set", "steps=30", "--set", "learning_rate=0.1", "--output", folder["runs/head"]);
        Assert.Equal((0, ""), (head.Code, head.Error));
        Dictionary<string, byte[]> after = Encoder(model);
        Assert.NotEmpty(before);
        Assert.All(before, tensor => Assert.Equal(tensor.Value, after[tensor.Key]));
        double[] losses = [.. File.ReadLines(folder["runs/head/metrics.jsonl"])
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];
        Assert.True(losses[^5..].Average() < losses[0], string.Join(", ", losses));
    }

    [Fact]
    public async Task PartsOfAFileThatWereNotTrainedStay()
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        await Train(folder, model, "vision", Few + "data: [{path: 'shapesworld:pictures'}]\n");
        Dictionary<string, byte[]> encoder = Encoder(model);
        using (Tensor other = TorchSharp.torch.arange(6, TorchSharp.torch.float32))
        {
            SafetensorsWriter.Write(
                Path.Combine(model, "Nexus-GenV2", "model.safetensors"),
                [("lm_head.weight", other), ("visual.of_another_size", other), ("visual_head.weight", other)]);
        }

        CliRun exported = await CliRun.Of("export", folder["runs/vision"], "--model", model);
        Assert.Equal((0, ""), (exported.Code, exported.Error));
        Assert.Equal(encoder.Keys.Order(), Encoder(model).Keys.Order());
        using ITensorStore store = TensorStore.Open(Path.Combine(model, "Nexus-GenV2", "model.safetensors"));
        using Tensor kept = store.Read(store.Entries["lm_head.weight"]);
        Assert.Equal([0f, 1, 2, 3, 4, 5], kept.data<float>());
        Assert.True(store.Entries.ContainsKey("visual_head.weight"));
    }

    private static Dictionary<string, byte[]> Encoder(string model)
    {
        using ITensorStore store = TensorStore.Open(Path.Combine(model, "Nexus-GenV2", "model.safetensors"));
        return store.Entries.Where(entry => entry.Key.StartsWith("visual.", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key, entry =>
            {
                using Tensor tensor = store.Read(entry.Value);
                return tensor.bytes.ToArray();
            });
    }

    // With a tiny learning rate the editing decoder still equals the generation decoder that it started from.
    private static void AssertSameTransformer(string folder)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using ITensorStore generation = TensorStore.Open(Path.Combine(folder, "generation_decoder.safetensors"));
        using ITensorStore editing = TensorStore.Open(Path.Combine(folder, "edit_decoder.safetensors"));
        string[] names = [.. generation.Entries.Keys.Where(name => name.StartsWith("pipe.", StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        Assert.All(
            names,
            name => Assert.True(generation.Read(generation.Entries[name]).allclose(editing.Read(editing.Entries[name])), name));
    }

    private static async Task Train(
        TemporaryFolder folder, string model, string stage, string configuration, string? output = null)
    {
        CliRun run = await Run(folder, model, stage, configuration, output is null ? [] : ["--output", folder[output]]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("finished after 2 steps", run.Out);
        Assert.Contains("wrote ", run.Out);
    }

    // Batches one after the other and several at once: the losses are the same.
    private static async Task TrainBothWays(TemporaryFolder folder, string model, string stage, string configuration, string name)
    {
        string oneByOne = "runs/" + name, atOnce = oneByOne + "-at-once";
        CliRun run = await Run(
            folder, model, stage, configuration, "--set", "parallel=2", "--no-install", "--output", folder[atOnce]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        await Train(folder, model, stage, configuration, oneByOne);
        Assert.Equal(2, ToyTraining.Losses(folder[oneByOne]).Count);
        Assert.Equal(ToyTraining.Losses(folder[oneByOne]), ToyTraining.Losses(folder[atOnce]));
    }

    private static Task<CliRun> Run(
        TemporaryFolder folder, string model, string stage, string configuration, params string[] more)
    {
        File.WriteAllText(folder[stage + ".yaml"], configuration);
        string[] output = more.Contains("--output") ? [] : ["--output", folder["runs/" + stage]];
        return CliRun.Of(["train", stage, "--config", folder[stage + ".yaml"], "--model", model, .. output, .. more]);
    }

    private static async Task Prepare(string model, string output, string kind, string data, params string[] more)
    {
        string[] command =
        [
            "prepare", kind, "--data", data, "--samples", "5", "--batch-size", "2", "--output", output, "--model", model,
            .. more
        ];
        CliRun run = await CliRun.Of(command);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("5/5 samples", run.Out);

        CliRun again = await CliRun.Of(command);
        Assert.Equal((0, $"{output} already contains all 5 samples."), (again.Code, again.Out.Trim()));
    }
}
