using NexusGen.Autoregressive;
using NexusGen.Diffusion.Flux;
using NexusGen.Tests.Autoregressive;
using NexusGen.Tests.Diffusion;
using NexusGen.Training.Gradients;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>With gradient checkpointing, the gradients of complete models are the same.</summary>
public sealed class ModelGradientCheckpointingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfTheLanguageModel(bool padded)
    {
        using var scope = NewDisposeScope();
        using LanguageModel model = SmallModel.Create();
        Tensor inputs = randn(2, 9, 48), positions = arange(9).view(1, 1, 9).expand(3, 2, 9).contiguous();
        Tensor? mask = padded ? tensor(new long[,] { { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 0, 0, 0, 0 } }) : null;
        Tensor weights = randn(2, 9, 48);
        AssertSame(model, () => (model.Forward(inputs, positions, mask) * weights).mean(), runner => model.BlockRunner = runner);
    }

    [Fact]
    public void OfFlux()
    {
        using var scope = NewDisposeScope();
        using FluxTransformer model = SmallFlux.Build();
        FluxInputs inputs = SmallFlux.Inputs(2);
        AssertSame(model, () => inputs.Through(model).square().mean(), runner => model.BlockRunner = runner);
    }

    private static void AssertSame(Module model, Func<Tensor> loss, Action<BlockRunner?> use)
    {
        Parameter[] parameters = [.. model.Parameters];
        foreach (Parameter parameter in parameters)
        {
            parameter.Value.requires_grad_(true);
        }

        int blocks = 0;
        Dictionary<string, Tensor> Gradients(BlockRunner? runner)
        {
            use(runner);
            using (NewDisposeScope())
            {
                GradientCheckpointing.Backward(loss());
            }

            Dictionary<string, Tensor> gradients = parameters.Where(parameter => parameter.Value.grad is not null)
                .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.grad!.clone());
            foreach (Parameter parameter in parameters)
            {
                parameter.Value.grad = null;
            }

            return gradients;
        }

        IReadOnlyList<Tensor> Counted(Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block, params Tensor[] inputs)
        {
            blocks++;
            return GradientCheckpointing.Run(block, inputs);
        }

        Dictionary<string, Tensor> plain = Gradients(null), checkpointed = Gradients(Counted);
        Assert.True(blocks >= 3);
        Assert.Equal(plain.Keys.Order(), checkpointed.Keys.Order());
        Assert.All(plain, pair => Assert.True(allclose(pair.Value, checkpointed[pair.Key], 1e-4, 1e-7), pair.Key));
    }
}
