using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Training.Distributed;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>Every stage trains on two ranks as in one process with twice the batch.</summary>
[Collection(Alone.Name)]
public sealed class RankedStageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public RankedStageTests() => _model = BegunModelFolder.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("autoencoder", "data=[{path: 'shapesworld:pictures'}]", "crop=56", "guide_pictures=8", "learning_rate=1e-4")]
    [InlineData("vision", "data=[{path: 'shapesworld:pictures'}]", "width=112", "height=112", "piece_side=14")]
    [InlineData("language-model", "data=[{path: 'shapesworld:generate'}, {path: 'shapesworld:understand'}]", "train_vision=true")]
    [InlineData("language-model", "data=[{path: 'shapesworld:edit'}]", "packed_length=200", "accumulate=2", "parallel=2")]
    [InlineData("generation-decoder", "data=[{path: 'PREPARED'}]", "condition_dropout=0.3", "timestep_per_sample=true")]
    [InlineData("generation-decoder", "data=[{path: 'PREPARED'}]", "accumulate=2", "gradient_checkpointing=true")]
    [InlineData("editing-decoder", "data=[{path: 'PREPARED'}]", "noisiest_share=0.5")]
    public void AStageTrainsOnTwoRanksAsInOneProcess(string name, params string[] changes)
    {
        string prepared = Prepare(name == "editing-decoder");
        string[] common =
        [
            .. changes.Select(change => change.Replace("PREPARED", prepared, StringComparison.Ordinal)),
            "from_nothing=true", "steps=20", "warmup_steps=2", "log_every=1", "threads=1", "workers=0",
        ];
        ThreadRanks.Run(1, _ => Run(name, _folder["one"], RankGroup.Alone, [.. common, "batch_size=4"]));
        foreach (string shard in (string[])["none", "optimizer"])
        {
            string run = _folder[$"two-{shard}"];
            ThreadRanks.Run(2, collectives => Run(
                name, run, RankGroup.Unwatched(collectives), [.. common, "batch_size=2", $"shard={shard}"]));
            var expected = ToyTraining.Losses(_folder["one"]);
            var actual = ToyTraining.Losses(run);
            Assert.Equal(20, actual.Count);
            Assert.All(expected.Zip(actual), step => Assert.Equal(
                step.First.Loss, step.Second.Loss, 1e-5 * Math.Max(1, step.First.Loss)));
        }
    }

    // The mean over the step is that of one batch; the official mean of means is another one, because the texts differ in length.
    [Theory]
    [InlineData("step", true)]
    [InlineData("batch", false)]
    public void AccumulatedTextsWeighByTheirLengths(string mean, bool same)
    {
        string[] common =
        [
            "data=[{path: 'shapesworld:understand'}, {path: 'shapesworld:generate'}]", "from_nothing=true", "steps=4",
            "log_every=1", "threads=1", "workers=0", $"loss_mean={mean}",
        ];
        Run("language-model", _folder["whole"], RankGroup.Alone, [.. common, "batch_size=6"]);
        Run("language-model", _folder["parts"], RankGroup.Alone, [.. common, "batch_size=1", "accumulate=6"]);
        double[] differences =
        [
            .. ToyTraining.Losses(_folder["whole"]).Zip(ToyTraining.Losses(_folder["parts"]))
                .Select(step => Math.Abs(step.First.Loss - step.Second.Loss) / step.First.Loss)
        ];
        Assert.Equal(same, differences.Max() < 1e-5);
    }

    private bool Run(string name, string run, RankGroup group, IReadOnlyList<string> changes) =>
        TrainingStage.All.Single(stage => stage.Name == name).Run(new StageRequest
        {
            Model = ModelPaths.Find(_model),
            Folder = run,
            Changes = changes,
            Install = false,
            Worlds = WorldData.Open,
            Group = group,
        }).Finished;

    private string Prepare(bool editing)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        return PreparedFolder.Write(
            _folder["prepared"],
            randn([32, 16, 32], generator: generator),
            editing ? randn([32, 16, 32], generator: generator) : null,
            randn([32, 16, 14, 14], generator: generator));
    }
}
