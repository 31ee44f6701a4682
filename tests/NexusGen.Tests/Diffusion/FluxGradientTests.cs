using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>FLUX can be trained: gradients reach all of its parameters, whatever inference does in their place.</summary>
public sealed class FluxGradientTests
{
    [Fact]
    public void EveryParameterHasAGradient()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var c = new FluxConfiguration
        {
            HiddenSize = 64,
            NumHeads = 2,
            Depth = 2,
            DepthSingleBlocks = 2,
            AxesDim = [8, 12, 12],
            ContextInDim = 48,
            VecInDim = 32,
        };
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), LoadOptions.Reference), c);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.requires_grad_();
        }

        Tensor Forward() => model.Forward(Input(1, 16, 4, 6), Input(1) * 100, Input(1, 5, 48), Input(1, 32), Input(1), zeros(1, 5, 3));
        Tensor velocity = Forward();
        velocity.square().mean().backward();
        Assert.All(model.Parameters, parameter => Assert.True(parameter.Value.grad is { } g && g.abs().sum().item<float>() > 0, parameter.Name));
        using (no_grad())
        {
            Assert.True((Forward() - velocity).abs().max().item<float>() < 1e-5);
        }
    }

    // The same at each call.
    private static Tensor Input(params long[] shape) => linspace(0.1, 1.7, shape.Aggregate(1L, (a, b) => a * b)).mul(3).sin().view(shape);
}
