using NexusGen.Diffusion;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>A FLUX transformer with random weights, and what to put in.</summary>
internal static class SmallFlux
{
    public static FluxConfiguration Configuration { get; } = new()
    {
        HiddenSize = 32,
        NumHeads = 2,
        Depth = 2,
        DepthSingleBlocks = 3,
        AxesDim = [4, 6, 6],
        ContextInDim = 20,
        VecInDim = 12,
    };

    public static FluxTransformer Create(LoadOptions? options = null) =>
        new(new WeightSource(new RandomWeights(21), options ?? LoadOptions.Reference), Configuration);

    public static DiffusionCondition Condition(ulong seed, long rows = 1, long tokens = 7)
    {
        var generator = new Generator(seed);
        return new DiffusionCondition(
            randn([rows, tokens, 20], generator: generator), randn([rows, 12], generator: generator), rand([rows, tokens, 3], generator: generator) * 8);
    }

    /// <summary>The velocity of three different pictures.</summary>
    public static Tensor Velocity(FluxTransformer model)
    {
        DiffusionCondition condition = Condition(3, 3);
        return model.Forward(
            randn([3, 16, 6, 4], generator: new Generator(5)), tensor(new[] { 900f, 500, 17 }), condition.Context, condition.Pooled,
            tensor(new[] { 3.5f, 1, 2 }), condition.TextIds);
    }

    public static double Error(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.shape, actual.shape);
        Tensor wide = expected.to(ScalarType.Float32);
        return ((actual.to(ScalarType.Float32) - wide).abs().max() / wide.abs().max()).item<float>();
    }

    public static bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
}
