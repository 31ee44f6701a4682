using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Convolutions, and their gradients for any number of channels.</summary>
public sealed class Conv2dTests
{
    [Theory]
    [InlineData(8, 8, 1, 1)]
    [InlineData(8, 3, 1, 1)]
    [InlineData(8, 24, 2, 0)]
    [InlineData(16, 32, 1, 1)]
    public void GradientsAreThoseOfDoublePrecision(int inputs, int outputs, int stride, int padding)
    {
        for (int i = 0; i < 8; i++)
        {
            using var scope = NewDisposeScope();
            Poison();
            using var convolution = new Conv2d(new WeightSource(new RandomWeights(1), LoadOptions.Reference)["conv"], inputs, outputs, 3, stride, padding);
            Tensor[] parameters = [.. convolution.Parameters.Select(parameter => parameter.Value)];
            (Tensor weight, Tensor bias) = (parameters[0], parameters[1]);
            weight.requires_grad_();
            bias.requires_grad_();
            Tensor input = randn(2, inputs, 29, 29).requires_grad_();
            Tensor output = convolution.Forward(input), error = randn_like(output);
            output.backward([error]);

            Tensor[] exact = [.. new[] { input, weight, bias }.Select(value => value.detach().to(ScalarType.Float64).requires_grad_())];
            Tensor expected = nn.functional.conv2d(exact[0], exact[1], exact[2], [stride, stride], [padding, padding]);
            expected.backward([error.to(ScalarType.Float64)]);
            AssertClose(expected, output);
            Assert.All(new[] { input, weight, bias }.Zip(exact), pair => AssertClose(pair.Second.grad!, pair.First.grad!));
        }
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(3, 16)]
    [InlineData(24, 3)]
    public void HalfPrecisionIsTheSameEachTime(int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var options = new LoadOptions(new Placement(CPU, ScalarType.BFloat16));
        using var convolution = new Conv2d(new WeightSource(new RandomWeights(1), options)["conv"], inputs, outputs, 3, 1, 1);
        Tensor input = randn(1, inputs, 12, 18).to(ScalarType.BFloat16), first = convolution.Forward(input);
        Assert.True(first.isfinite().all().item<bool>());
        for (int i = 0; i < 20; i++)
        {
            Poison();
            Assert.True(convolution.Forward(input).eq(first).all().item<bool>());
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.InRange((actual.to(ScalarType.Float64) - expected).abs().max().item<double>() / expected.abs().max().item<double>(), 0, 1e-4);

    // What is freed and taken again holds NaN: what is read without being written shows.
    private static void Poison()
    {
        List<Tensor> taken = [.. Enumerable.Range(0, 200).Select(i => full([(i % 20 + 1) * 4096], double.NaN))];
        taken.ForEach(tensor => tensor.Dispose());
    }
}
