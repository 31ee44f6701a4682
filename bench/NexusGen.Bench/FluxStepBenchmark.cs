using NexusGen.Diffusion;
using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>One step of a FLUX of 2 double and 4 single blocks at full width: 1,024 image and 81 condition tokens, bfloat16.</summary>
internal static class FluxStepBenchmark
{
    private const int Text = 81;
    private const int Side = 64;
    private const int Image = Side * Side / 4;

    /// <summary>The step against its matrix products and attention alone.</summary>
    public static void Run()
    {
        var c = new FluxConfiguration { Depth = 2, DepthSingleBlocks = 4 };
        var placement = new Placement(CPU, ScalarType.BFloat16);
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), new LoadOptions(placement)), c);
        MatrixProducts floor = Floor(c, placement.Precision);
        Tensor latents = randn(1, 16, Side, Side), context = randn(1, Text, c.ContextInDim), pooled = randn(1, c.VecInDim);
        Tensor timestep = tensor(new[] { 500f }), guidance = tensor(new[] { 3.5f }), ids = zeros(1, Text, 3);
        new Comparison("flux-step", 1.10) { Operations = floor.Operations, Rounds = 7 }.Run(
            () => model.Forward(latents, timestep, context, pooled, guidance, ids).Dispose(),
            floor.Run);
    }

    private static MatrixProducts Floor(FluxConfiguration c, ScalarType type)
    {
        var floor = new MatrixProducts(type);
        long width = c.HiddenSize, all = Text + Image;
        foreach (int inner in (int[])[256, c.VecInDim, 256])
        {
            floor.Linear(1, inner, width);
            floor.Linear(1, width, width);
        }

        floor.Linear(Image, c.InChannels, width);
        floor.Linear(Text, c.ContextInDim, width);
        for (int block = 0; block < c.Depth; block++)
        {
            foreach (long rows in (long[])[Image, Text])
            {
                floor.Linear(1, width, 6 * width);
                floor.Linear(rows, width, 3 * width);
                floor.Linear(rows, width, width);
                floor.Linear(rows, width, c.MlpWidth);
                floor.Linear(rows, c.MlpWidth, width);
            }

            floor.Attention(c.NumHeads, all, all, c.HeadWidth);
        }

        for (int block = 0; block < c.DepthSingleBlocks; block++)
        {
            floor.Linear(1, width, 3 * width);
            floor.Linear(all, width, (3 * width) + c.MlpWidth);
            floor.Linear(all, width + c.MlpWidth, width);
            floor.Attention(c.NumHeads, all, all, c.HeadWidth);
        }

        floor.Linear(1, width, 2 * width);
        floor.Linear(Image, width, c.OutChannels);
        return floor;
    }
}
