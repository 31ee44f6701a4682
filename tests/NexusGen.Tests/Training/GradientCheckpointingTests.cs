using NexusGen.Training.Autoregressive;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Gradient checkpointing leads to the same losses and computes the blocks a second time.</summary>
public sealed class GradientCheckpointingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public GradientCheckpointingTests() => _model = BegunModelFolder.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    // Rows of different lengths with images, with and without a padding mask.
    [Theory]
    [InlineData("shapesworld:generate", true, 0)]
    [InlineData("shapesworld:understand", false, 200)]
    public void OfTheLanguageModelTheLossesAreTheSameBitByBit(string data, bool vision, int packed)
    {
        Train(new LanguageModelStage(), new AutoregressiveTrainingConfiguration
        {
            Data = [new DataSource { Path = data }],
            TrainVision = vision,
            PackedLength = packed,
        });
        Assert.Equal(ToyTraining.Losses(_folder["False"]), ToyTraining.Losses(_folder["True"]));
    }

    // FLUX's blocks share a vector of timestep and prompt. With checkpointing, its gradient is accumulated block by block, in
    // another order: the first loss is the same, the next ones differ in the last digits.
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

        Train(new DecoderStage(editing), new DecoderTrainingConfiguration
        {
            Data = [new DataSource { Path = _folder["prepared"] }],
            TimestepPerSample = true,
        });
        var plain = ToyTraining.Losses(_folder["False"]);
        var checkpointed = ToyTraining.Losses(_folder["True"]);
        Assert.Equal(plain[0].Loss, checkpointed[0].Loss);
        Assert.All(plain.Zip(checkpointed), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-5 * pair.First.Loss));
    }

    // Trains with and without checkpointing from the same weights. The operation counts show that the blocks were computed twice.
    private void Train<TConfiguration, TBatch>(
        TrainingStage<TConfiguration, TBatch> stage, TConfiguration configuration)
        where TConfiguration : ModelTrainingConfiguration, new()
    {
        TrainingReport Run(bool checkpointed) => StageRun.Of(
            stage, _model, _folder[$"{checkpointed}"],
            configuration with
            {
                FromNothing = true,
                Steps = 4,
                BatchSize = 3,
                LearningRate = 0.01,
                GradientCheckpointing = checkpointed,
            });
        double plain = Run(false).Flops!.Value, checkpointed = Run(true).Flops!.Value;
        Assert.Equal(4, ToyTraining.Losses(_folder["False"]).Select(step => step.Loss).Distinct().Count());

        // It would be a third more if there were nothing but blocks.
        Assert.InRange(checkpointed / plain, 1.02, 1.34);
    }
}
