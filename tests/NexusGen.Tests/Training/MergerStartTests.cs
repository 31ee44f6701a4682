using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>The initial weights of the editing decoder's merger.</summary>
public sealed class MergerStartTests : IDisposable
{
    private const string Layer = "embedding_merger.layers.0.";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public MergerStartTests()
    {
        _model = BegunModelFolder.Write(_folder["model"]);
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        PreparedFolder.Write(
            _folder["prepared"], randn([2, 16, 32], generator: generator), randn([2, 16, 32], generator: generator),
            randn([2, 16, 4, 4], generator: generator));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItsLayerIsTheFirstOfTheLanguageModel()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> language = StageRun.Read(Path.Combine(_model, "Nexus-GenV2", "model.safetensors"));
        Dictionary<string, Tensor> merger = Begin(copied: true), officially = Begin();
        string[] names = LayersOf(merger);
        Assert.Equal(language.Keys.Count(name => name.StartsWith("model.layers.0.", StringComparison.Ordinal)), names.Length);
        Assert.All(names, name => Assert.True(merger[name].Equals(language["model.layers.0." + name[Layer.Length..]]), name));
        Assert.All(names, name => Assert.True(merger[name].Equals(officially[name]), name));
        Assert.Contains(names, name => !merger[name].Equals(language["model.layers.1." + name[Layer.Length..]]));
    }

    [Fact]
    public void OrItIsRandom()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> language = StageRun.Read(Path.Combine(_model, "Nexus-GenV2", "model.safetensors"));
        Dictionary<string, Tensor> random = Begin(copied: false), copied = Begin(copied: true);

        // The scales of norms are initialized with ones in any case.
        string[] matrices = [.. LayersOf(random).Where(name => random[name].dim() == 2)];
        Assert.True(matrices.Length >= 7);
        Assert.All(matrices, name => Assert.False(random[name].Equals(language["model.layers.0." + name[Layer.Length..]]), name));

        // All other weights of the decoder are the same in both cases.
        string[] rest = [.. random.Keys.Where(name => !name.StartsWith(Layer, StringComparison.Ordinal))];
        Assert.Contains(rest, name => name.StartsWith("embedding_merger.projector.", StringComparison.Ordinal));
        Assert.All(rest, name => Assert.True(random[name].Equals(copied[name]), name));
    }

    // Returns the initial decoder: it takes one step with a learning rate of 0.
    private Dictionary<string, Tensor> Begin(bool? copied = null)
    {
        string run = _folder[$"run-{copied}"];
        var configuration = new DecoderTrainingConfiguration
        {
            Data = [new DataSource { Path = _folder["prepared"] }],
            FromNothing = true,
            Steps = 1,
            BatchSize = 2,
            LearningRate = 0,
        };
        StageRun.Of(
            new DecoderStage(editing: true), _model, run,
            copied is { } copy ? configuration with { MergerFromLanguageModel = copy } : configuration);
        return StageRun.Weights(run, "Nexus-GenV2/edit_decoder");
    }

    private static string[] LayersOf(Dictionary<string, Tensor> weights) =>
        [.. weights.Keys.Where(name => name.StartsWith(Layer, StringComparison.Ordinal))];
}
