using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>A FLUX transformer with random weights, and inputs for it.</summary>
internal static class SmallFlux
{
    /// <summary>Its sizes: every width is one that the fused kernels take.</summary>
    public static FluxConfiguration Sizes { get; } = new()
    {
        HiddenSize = 64,
        NumHeads = 2,
        Depth = 2,
        DepthSingleBlocks = 3,
        AxesDim = [8, 12, 12],
        ContextInDim = 48,
        VecInDim = 16,
    };

    /// <summary>Builds it; the same weights each time.</summary>
    public static FluxTransformer Build(LoadOptions? options = null, FluxConfiguration? sizes = null) =>
        new(new WeightSource(new RandomWeights(7), options ?? LoadOptions.Reference), sizes ?? Sizes);

    /// <summary>Random inputs that differ from row to row in everything.</summary>
    public static FluxInputs Inputs(int batch, int height = 8, int width = 12, int tokens = 7, ulong seed = 1)
    {
        using var generator = new Generator(seed);
        return new FluxInputs(
            randn([batch, 16, height, width], generator: generator),
            rand([batch], generator: generator) * 1000,
            randn([batch, tokens, Sizes.ContextInDim], generator: generator),
            randn([batch, Sizes.VecInDim], generator: generator),
            rand([batch], generator: generator) * 5,
            rand([batch, tokens, 3], generator: generator) * 9);
    }

    /// <summary>A condition of random numbers.</summary>
    public static DiffusionCondition Condition(int rows, int tokens = 7, ulong seed = 1, Placement? placement = null)
    {
        FluxInputs inputs = Inputs(rows, tokens: tokens, seed: seed);
        ScalarType type = (placement ?? Placement.Reference).Precision;
        return new DiffusionCondition(inputs.Context.to(type), inputs.Pooled.to(type), inputs.TextIds);
    }

    /// <summary>The largest difference over the largest expected magnitude.</summary>
    public static double Error(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.shape, actual.shape);
        Tensor wide = expected.to(ScalarType.Float32);
        return ((actual.to(ScalarType.Float32) - wide).abs().max() / wide.abs().max()).item<float>();
    }

    public static bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
}
