using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Training.Optimization;
using NexusGen.Training.Stages;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Groups of parameters are trained with the scheduled learning rate times their own factor.</summary>
public sealed class LearningRateScaleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Each group behaves as if it were alone with its own learning rate, including weight decay. A quarter is exact, so the bits
    // are the same.
    [Fact]
    public void AGroupMovesByTheScaledLearningRate()
    {
        using var scope = NewDisposeScope();
        Parameter[] whole = [New(), New(), New()], alone = [New(), New(), New()];
        double[] scales = [1, 0.25, 0];
        using var optimizer = new AdamW(
            whole.Zip(
                scales, (parameter, scale) => new ParameterGroup([parameter]) { WeightDecay = 0.1, LearningRateScale = scale }),
            new AdamWOptions());
        AdamW[] optimizers =
        [
            .. alone.Select(parameter => new AdamW([new ParameterGroup([parameter]) { WeightDecay = 0.1 }], new AdamWOptions()))
        ];
        for (int step = 1; step <= 3; step++)
        {
            optimizer.ZeroGradients();
            whole.Select(Error).Aggregate((sum, next) => sum + next).backward();
            optimizer.Step(0.01 * step);
            for (int i = 0; i < alone.Length; i++)
            {
                optimizers[i].ZeroGradients();
                Error(alone[i]).backward();
                optimizers[i].Step(0.01 * step * scales[i]);
                Assert.Equal(Values(alone[i]), Values(whole[i]));
            }
        }

        using Parameter start = New();
        Assert.Equal(Values(start), Values(whole[2]));
        Assert.NotEqual(Values(start), Values(whole[1]));
        Assert.NotEqual(Values(whole[0]), Values(whole[1]));
        Array.ForEach([.. whole, .. alone], parameter => parameter.Dispose());
        Array.ForEach(optimizers, each => each.Dispose());
    }

    // The size of AdamW's first step is the learning rate wherever the gradient is not negligible.
    [Theory]
    [InlineData(0.25, 0.0025)]
    [InlineData(0.0, 0)]
    [InlineData(null, 0.001)]
    public void TheVisionEncoderMovesByItsOwn(double? scale, double length)
    {
        using var scope = NewDisposeScope();
        string model = BegunModelFolder.Write(_folder["model"]);
        var configuration = new AutoregressiveTrainingConfiguration
        {
            Data = [new DataSource { Path = "shapesworld:understand" }],
            Steps = 1,
            BatchSize = 2,
            LearningRate = 0.01,
            WeightDecay = 0,
            TrainVision = true,
        };
        StageRun.Of(
            new LanguageModelStage(), model, _folder["run"],
            scale is { } factor ? configuration with { VisionLearningRateScale = factor } : configuration);
        Dictionary<string, Tensor> before = StageRun.Read(Path.Combine(model, "Nexus-GenV2", "model.safetensors"));
        Dictionary<string, Tensor> after = StageRun.Weights(_folder["run"], "Nexus-GenV2/model");
        double Longest(Func<string, bool> which) => before.Keys.Where(which).Max(
            name => (after[name] - before[name]).abs().max().item<float>());
        bool IsVision(string name) => name.StartsWith("visual.", StringComparison.Ordinal);
        Assert.Equal(length, Longest(IsVision), 0.01 * length);
        Assert.Equal(0.01, Longest(name => !IsVision(name)), 1e-4);
    }

    private static Parameter New() => new("w", randn([5, 3], generator: new Generator(1)));

    private static Tensor Error(Parameter parameter) => (parameter.Value - 2).square().sum();

    private static float[] Values(Parameter parameter) => parameter.Value.detach().data<float>().ToArray();
}
