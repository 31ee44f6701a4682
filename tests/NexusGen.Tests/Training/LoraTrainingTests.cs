using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Tests.Autoregressive;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Lora;
using NexusGen.Training.Optimization;
using NexusGen.Training.Stages;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Trainings of a LoRA, and the files that come out of them.</summary>
public sealed class LoraTrainingTests : IDisposable
{
    private static readonly LoraSection Section = new() { Rank = 3, Alpha = 6, Dropout = 0.1 };

    private readonly TemporaryFolder _folder = new();
    private readonly ModelFiles _files = new(ModelPaths.Find(ReferenceFolder.TinyModel));

    public LoraTrainingTests()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        GridSizes grids = _files.Configuration.Grids;
        int merge = _files.LanguageModel.Vision.SpatialMergeSize;
        long width = _files.LanguageModel.HiddenSize;
        Tensor drawn = randn([4, grids.Drawn.Tokens(merge), width], generator: generator);
        Tensor source = randn([4, grids.Source.Tokens(merge), width], generator: generator);
        Tensor latents = randn([4, 16, 4, 4], generator: generator);
        PreparedFolder.Write(_folder["generation"], drawn, null, latents);
        PreparedFolder.Write(_folder["editing"], drawn, source, latents);
    }

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADecodersLoraIsTrainedAndWritten(bool editing)
    {
        using var scope = NewDisposeScope();
        string decoder = editing ? _files.Paths.EditingDecoder : _files.Paths.GenerationDecoder;
        byte[] before = File.ReadAllBytes(decoder);
        string run = Decoder("run", Section with { Targets = [] }, editing: editing);
        Assert.Equal(before, File.ReadAllBytes(decoder));
        Dictionary<string, Tensor> trained = StageRun.Weights(run, TrainedLora.FileName);

        // DiffSynth's layers of the one double block and of the single blocks; the optimizer has no others.
        Assert.All(trained.Keys, name => Assert.Contains("_blocks.", name));
        Assert.Contains("double_blocks.0.img_attn.qkv.lora_A", trained.Keys);
        Assert.Contains("single_blocks.0.modulation.lin.lora_B", trained.Keys);
        Assert.DoesNotContain(trained.Keys, name => name.Contains("norm.query_norm", StringComparison.Ordinal));
        Assert.Contains(trained, tensor => tensor.Key.EndsWith(".lora_B") && tensor.Value.abs().max().item<float>() > 0);
        Dictionary<string, Tensor> optimizer =
            StageRun.Read(Path.Combine(TrainingCheckpoint.Latest(run)!, "optimizer.safetensors"));
        Assert.Equal(2 * trained.Count, optimizer.Count);

        LoraTarget target = editing ? new LoraTargets(_files).EditingDecoder : new LoraTargets(_files).GenerationDecoder;
        foreach (LoraForm form in (LoraForm[])[LoraForm.Diffsynth, LoraForm.Diffusers, LoraForm.Kohya])
        {
            string file = _folder[$"{form}.safetensors"];
            Assert.Equal([file], LoraExport.Write(run, file, form));
            AssertSameChanges(trained, 2, file, target);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheLanguageModelsIsAPeftAdapter(bool stabilized)
    {
        using var scope = NewDisposeScope();
        string run = Language("run", Section with { RankStabilized = stabilized });
        Dictionary<string, Tensor> trained = StageRun.Weights(run, TrainedLora.FileName);
        Assert.Equal(7 * 2 * _files.LanguageModel.NumHiddenLayers, trained.Count);
        IReadOnlyList<string> written = LoraExport.Write(run);
        Assert.Equal(
            ["adapter_model.safetensors", "adapter_config.json"], written.Select(path => Path.GetFileName(path)));
        Assert.Contains($"\"use_rslora\": {(stabilized ? "true" : "false")}", File.ReadAllText(written[1]));
        AssertSameChanges(
            trained, 6 / (stabilized ? Math.Sqrt(3) : 3), Path.Combine(run, "lora"), new LoraTargets(_files).Language);
    }

    [Fact]
    public void AResumedTrainingEqualsAnUninterruptedOne()
    {
        using var scope = NewDisposeScope();
        DecoderTrainingConfiguration Full(long steps) => Configuration("generation") with
        {
            Lora = Section,
            Steps = steps,
            Accumulate = 2,
            EmaDecay = 0.9,
            GradientCheckpointing = true,
            Schedule = ScheduleKind.Constant,
        };
        Run(new DecoderStage(false), _folder["whole"], Full(4));
        Run(new DecoderStage(false), _folder["broken"], Full(2));
        Run(new DecoderStage(false), _folder["broken"], Full(4), resume: true);
        Assert.Equal(ToyTraining.Losses(_folder["whole"]), ToyTraining.Losses(_folder["broken"]));
        foreach (string part in (string[])["weights/lora", "average/lora", "optimizer"])
        {
            string File(string run) => Path.Combine(TrainingCheckpoint.Latest(_folder[run])!, part + ".safetensors");
            Dictionary<string, Tensor> whole = StageRun.Read(File("whole")), broken = StageRun.Read(File("broken"));
            Assert.Equal(whole.Keys, broken.Keys);
            Assert.All(whole, tensor => Assert.True(tensor.Value.Equals(broken[tensor.Key]), tensor.Key));
        }
    }

    [Fact]
    public void BatchesInParallelGiveTheSame()
    {
        using var scope = NewDisposeScope();
        string one = Decoder("one", Section, configuration => configuration with { Accumulate = 2 });
        string two = Decoder("two", Section, configuration => configuration with { Accumulate = 2, Parallel = 2 });
        AssertClose(StageRun.Weights(one, "lora"), StageRun.Weights(two, "lora"));
    }

    // The frozen weights may be kept in fewer bits, or read at each use.
    [Theory]
    [InlineData("Dense", true)]
    [InlineData("Bf16", false)]
    [InlineData("Fp8", false)]
    [InlineData("Fp8", true)]
    [InlineData("Int8", true)]
    [InlineData("Int4", false)]
    public void AnyStorageCanBeUnderneath(string name, bool streamed)
    {
        LoraStorage storage = Enum.Parse<LoraStorage>(name);
        using var scope = NewDisposeScope();
        DecoderTrainingConfiguration Checkpointed(DecoderTrainingConfiguration configuration) =>
            configuration with { GradientCheckpointing = true };
        string resident = Decoder("resident", Section with { Weights = storage }, Checkpointed);
        Dictionary<string, Tensor> weights = StageRun.Weights(resident, "lora");
        Assert.Contains(weights, tensor => tensor.Key.EndsWith(".lora_B") && tensor.Value.abs().max().item<float>() > 0);
        if (streamed)
        {
            LoadOptions options = new(new(CPU, ScalarType.Float32))
            {
                LinearFormat = new LoraSection { Weights = storage }.LinearFormat,
            };
            (long total, long blocks) = _files.FluxPart(_files.Paths.GenerationDecoder).Measure(options);
            string run = Decoder(
                "streamed", Section with { Weights = storage, MemoryBudget = (total - (blocks * 0.05)) / 1e9 }, Checkpointed);
            AssertClose(weights, StageRun.Weights(run, "lora"), 0);
        }
    }

    [Theory]
    [InlineData("Diffsynth")]
    [InlineData("Diffusers")]
    public void AFileCanBeTrainedOn(string name)
    {
        LoraForm form = Enum.Parse<LoraForm>(name);
        using var scope = NewDisposeScope();
        string first = Decoder("first", Section);
        string file = LoraExport.Write(first, _folder["first.safetensors"], form)[0];

        // With a negligible learning rate nothing changes.
        string second = Decoder(
            "second", new LoraSection { From = file },
            configuration => configuration with { LearningRate = 1e-30, WeightDecay = 0 });
        LoraTarget target = new LoraTargets(_files).GenerationDecoder;
        foreach (LoraForm other in (LoraForm[])[LoraForm.Kohya, LoraForm.Diffusers, LoraForm.Diffsynth])
        {
            string written = LoraExport.Write(second, _folder[$"second-{other}.safetensors"], other)[0];
            AssertSameChanges(StageRun.Weights(first, "lora"), 2, written, target);
        }

        string third = Decoder("third", new LoraSection { From = file });
        Assert.Contains(
            StageRun.Weights(second, "lora"), tensor => !tensor.Value.Equals(StageRun.Weights(third, "lora")[tensor.Key]));
    }

    [Fact]
    public void ItsCheckpointIsNotInstalledInAModel()
    {
        string run = Decoder("run", Section);
        TrainingException error = Assert.Throws<TrainingException>(
            () => WeightInstallation.Install(run, ModelPaths.Find(ReferenceFolder.TinyModel)));
        Assert.Contains("--output", error.Message);
        error = Assert.Throws<TrainingException>(() => LoraExport.Write(run, form: LoraForm.Peft));
        Assert.Contains("can't be written as peft", error.Message);
    }

    // What the file adds to the weights of each layer is scale · B · A of the training.
    private static void AssertSameChanges(Dictionary<string, Tensor> trained, double scale, string path, LoraTarget target)
    {
        using LoraFile file = LoraFile.Open(path);
        using LoraWeights read = LoraReader.Read(file, target, CPU);
        Dictionary<string, Tensor> sums = [];
        foreach ((string layer, LinearDelta delta) in read.Changes)
        {
            LoraLayer shape = target.Layer(layer);
            if (!sums.TryGetValue(layer, out Tensor? sum))
            {
                sums.Add(layer, sum = zeros([shape.Out, shape.In]));
            }

            sum.narrow(0, delta.Start, delta.Count).add_(delta.WeightChange(() => throw new InvalidOperationException())!);
        }

        Assert.Equal(trained.Count / 2, sums.Count);
        foreach ((string layer, Tensor sum) in sums)
        {
            Tensor expected = trained[layer + ".lora_B"].matmul(trained[layer + ".lora_A"]) * scale;
            SmallModel.AssertClose(expected, sum, 2e-6);
        }
    }

    private static void AssertClose(
        Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual, double relative = 1e-4)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, tensor => Assert.True(
            tensor.Value.allclose(actual[tensor.Key], relative, relative * 1e-3), tensor.Key));
    }

    private DecoderTrainingConfiguration Configuration(string data) => new()
    {
        Data = [new DataSource { Path = _folder[data] }],
        Steps = 2,
        BatchSize = 2,
        LearningRate = 1e-2,
    };

    private string Decoder(
        string name,
        LoraSection lora,
        Func<DecoderTrainingConfiguration, DecoderTrainingConfiguration>? change = null,
        bool editing = false)
    {
        DecoderTrainingConfiguration configuration =
            Configuration(editing ? "editing" : "generation") with { Lora = lora };
        Run(new DecoderStage(editing), _folder[name], change?.Invoke(configuration) ?? configuration);
        return _folder[name];
    }

    private string Language(string name, LoraSection lora)
    {
        StageRun.Of(
            new LanguageModelStage(), ReferenceFolder.TinyModel, _folder[name],
            new AutoregressiveTrainingConfiguration
            {
                Data = [new DataSource { Path = "shapesworld:understand" }],
                Steps = 2,
                BatchSize = 1,
                LearningRate = 1e-2,
                Lora = lora,
            });
        return _folder[name];
    }

    private static void Run(DecoderStage stage, string folder, DecoderTrainingConfiguration configuration, bool resume = false)
    {
        var request = new StageRequest
        {
            Model = ModelPaths.Find(ReferenceFolder.TinyModel),
            Folder = folder,
            Install = false,
            Resume = resume,
        };
        stage.Run(request, configuration with { LogEvery = 1, Workers = 0, Threads = 1, WarmupSteps = 0 });
    }
}
