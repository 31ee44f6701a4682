using NexusGen.Training.Logging;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>A stage that keeps only the inputs of its blocks learns the same, and computes the blocks a second time for it.</summary>
public sealed class GradientCheckpointingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public GradientCheckpointingTests() => _model = BegunModelFolder.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    // Rows of several lengths with pictures, with the mask of padding and without one.
    [Theory]
    [InlineData("shapesworld:generate", "train_vision: true")]
    [InlineData("shapesworld:understand", "packed_length: 200")]
    public void OfTheLanguageModelTheLossesAreTheSameBitByBit(string data, string how)
    {
        Train(new LanguageModelStage(), $"data: [{{path: '{data}'}}]", how);
        Assert.Equal(ToyTraining.Losses(_folder["False"]), ToyTraining.Losses(_folder["True"]));
    }

    // FLUX's blocks share a vector of timestep and prompt. Its gradient is added up block by block then, in another order: the first
    // loss is the same, and the next ones but for the last digits.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfADecoderTheLossesAreTheSame(bool editing)
    {
        using (NewDisposeScope())
        {
            using var generator = new Generator(4);
            Tensor Random(params long[] shape) => randn(shape, generator: generator);
            PreparedFolder.Write(_folder["prepared"], Random(6, 16, 32), editing ? Random(6, 16, 32) : null, Random(6, 16, 8, 8));
        }

        Train(new DecoderStage(editing), $"data: [{{path: '{_folder["prepared"]}'}}]", "timestep_per_sample: true");
        var plain = ToyTraining.Losses(_folder["False"]);
        var checkpointed = ToyTraining.Losses(_folder["True"]);
        Assert.Equal(plain[0].Loss, checkpointed[0].Loss);
        Assert.All(plain.Zip(checkpointed), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-5 * pair.First.Loss));
    }

    // Both ways, from the same weights. That the blocks were computed twice is seen by the operations.
    private void Train(TrainingStage stage, params string[] configuration)
    {
        TrainingReport Run(bool checkpointed) => StageRun.Of(
            stage, _model, _folder[$"{checkpointed}"],
            ["from_nothing: true", "steps: 4", "batch_size: 3", "learning_rate: 0.01", $"gradient_checkpointing: {(checkpointed ? "true" : "false")}", .. configuration]);
        double plain = Run(false).Flops!.Value, checkpointed = Run(true).Flops!.Value;
        Assert.Equal(4, ToyTraining.Losses(_folder["False"]).Select(step => step.Loss).Distinct().Count());

        // A third more where there were nothing but blocks.
        Assert.InRange(checkpointed / plain, 1.02, 1.34);
    }
}
