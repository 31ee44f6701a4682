using NexusGen.Autoregressive;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>
/// Tests that the language model can be trained: gradients reach all of its parameters, although inference uses other kernels.
/// </summary>
public sealed class LanguageModelGradientTests
{
    [Fact]
    public void EveryParameterHasAGradient()
    {
        using var scope = NewDisposeScope();
        var c = LanguageModelConfiguration.NexusGenV2 with
        {
            HiddenSize = 64,
            IntermediateSize = 96,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            VocabSize = 32,
            MropeSection = [4, 6, 6],
            ImageTokens = 4,
        };
        using var model = new LanguageModel(new WeightSource(new RandomWeights(1), LoadOptions.Reference), c);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.requires_grad_();
        }

        Tensor Forward()
        {
            Tensor inputs = cat([model.Embed(arange(7)), model.ImagePrefill], 0).unsqueeze(0);
            Tensor states = model.Forward(inputs, arange(11).view(1, 1, 11).expand(3, 1, 11));
            return cat([model.Logits(states), model.ImageEmbeddings(states)], -1);
        }

        Tensor output = Forward();
        output.square().mean().backward();
        Assert.All(
            model.Parameters,
            parameter => Assert.True(
                parameter.Value.grad is { } g && g.abs().sum().item<float>() > 0, parameter.Name));
        using (no_grad())
        {
            Assert.True((Forward() - output).abs().max().item<float>() < 1e-5);
        }
    }
}
