using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

public class AdamWTests
{
    [Fact]
    public void EqualsTheFormulaOverSteps()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("w", randn([5, 3], generator: new Generator(1)));
        using var other = new Parameter("unused", ones(2));
        using var optimizer = new AdamW([new ParameterGroup([parameter, other]) { WeightDecay = 0.1 }], new AdamWOptions { Beta2 = 0.95 });
        Tensor w = parameter.Value.detach().clone(), m = zeros_like(w), v = zeros_like(w);
        for (int step = 1; step <= 5; step++)
        {
            optimizer.ZeroGradients();
            Tensor target = full([5, 3], step);
            (parameter.Value - target).square().sum().backward();
            optimizer.Step(0.01 * step);

            Tensor g = 2 * (w - target);
            w *= 1 - (0.01 * step * 0.1);
            m = (0.9 * m) + (0.1 * g);
            v = (0.95 * v) + (0.05 * g * g);
            w -= 0.01 * step * (m / (1 - Math.Pow(0.9, step))) / ((v / (1 - Math.Pow(0.95, step))).sqrt() + 1e-8);
        }

        Assert.True(allclose(parameter.Value.detach(), w, rtol: 1e-5, atol: 1e-6));
        Assert.True(allclose(other.Value.detach(), ones(2), rtol: 0, atol: 0));
    }

    [Fact]
    public void MastersKeepStepsThatBfloat16WouldLose()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("w", ones(4, dtype: ScalarType.BFloat16));
        using var optimizer = new AdamW([new ParameterGroup([parameter]) { WeightDecay = 0 }], new AdamWOptions());
        for (int step = 0; step < 100; step++)
        {
            optimizer.ZeroGradients();
            parameter.Value.sum().backward();
            optimizer.Step(1e-4);
        }

        Assert.Equal(0.99f, parameter.Value.detach().to(ScalarType.Float32)[0].item<float>(), 2e-3f);
    }

    [Fact]
    public void SumsOfManySmallGradientsAreKeptInFloat32()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("w", ones(2, dtype: ScalarType.BFloat16));
        using var optimizer = new AdamW([new ParameterGroup([parameter])], new AdamWOptions());
        for (int i = 0; i < 1024; i++)
        {
            parameter.Value.sum().backward();
            optimizer.AccumulateGradients();
        }

        Assert.Equal(1024 * Math.Sqrt(2), optimizer.GradientNorm(), 1e-2);
        optimizer.ZeroGradients();
        Assert.Equal(0, optimizer.GradientNorm());
    }

    // The same tensor for two parameters, one laid out otherwise, and one that has none.
    [Fact]
    public void GradientsComputedApartAreAdded()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [.. Enumerable.Range(0, 4).Select(i => new Parameter($"w{i}", zeros(2, 3)))];
        using var optimizer = new AdamW([new ParameterGroup(parameters) { WeightDecay = 0 }], new AdamWOptions { Beta1 = 0, Beta2 = 0 });
        Tensor same = ones(2, 3), turned = tensor(new float[,] { { 1, -1 }, { -1, 1 }, { 1, 1 } }).t();
        optimizer.AddGradients([same, same, turned, null]);
        optimizer.AddGradients([same, null, turned, null]);
        Assert.Equal(Math.Sqrt(6 * (4 + 1 + 4)), optimizer.GradientNorm(), 1e-5);
        Assert.All(same.data<float>().ToArray(), value => Assert.Equal(1, value));
        optimizer.Step(1);
        Assert.Equal([-1, 1, -1, 1, -1, -1], parameters[2].Value.detach().data<float>().ToArray().Select(value => MathF.Round(value)));
        Assert.All(parameters[3].Value.detach().data<float>().ToArray(), value => Assert.Equal(0, value));
        optimizer.ZeroGradients();
        Assert.Equal(0, optimizer.GradientNorm());
        Array.ForEach(parameters, parameter => parameter.Dispose());
    }

    [Fact]
    public void ClippingScalesToTheBound()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("w", ones(4));
        using var optimizer = new AdamW([new ParameterGroup([parameter])], new AdamWOptions());
        (parameter.Value * tensor(new[] { 3f, 0f, 4f, 0f })).sum().backward();
        Assert.Equal(5, optimizer.ClipGradients(1), 1e-5);
        Assert.Equal(1, optimizer.GradientNorm(), 1e-5);
        Assert.Equal(1, optimizer.ClipGradients(7), 1e-5);
        Assert.Equal(1, optimizer.GradientNorm(), 1e-5);
    }

    [Fact]
    public void ARestoredOptimizerGoesOnAsIfUnbroken()
    {
        using var scope = NewDisposeScope();
        Tensor start = randn(6);
        float[] whole = Train(start, 6, null), half = Train(start, 6, 3);
        Assert.Equal(whole, half);
    }

    private static float[] Train(Tensor start, int steps, int? breakAt)
    {
        var parameter = new Parameter("w", start.clone());
        var optimizer = new AdamW([new ParameterGroup([parameter])], new AdamWOptions());
        for (int step = 0; step < steps; step++)
        {
            if (step == breakAt)
            {
                Dictionary<string, Tensor> state = optimizer.State.ToDictionary(part => part.Kind, part => part.Value.clone());
                parameter = new Parameter("w", parameter.Value.detach().clone());
                optimizer = new AdamW([new ParameterGroup([parameter])], new AdamWOptions());
                optimizer.Restore(step, (_, kind) => state[kind]);
            }

            optimizer.ZeroGradients();
            parameter.Value.pow(4).sum().backward();
            optimizer.Step(0.05);
        }

        return parameter.Value.detach().data<float>().ToArray();
    }
}
