using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
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
        var placement = Machine.At(ScalarType.BFloat16);
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), new LoadOptions(placement)), c);
        MatrixProducts floor = Floor(new MatrixProducts(model, placement.Precision), c, Text, Image);
        Device device = Machine.Device;
        Tensor latents = randn(1, 16, Side, Side, device: device), context = randn(1, Text, c.ContextInDim, device: device);
        Tensor pooled = randn(1, c.VecInDim, device: device), ids = zeros(1, Text, 3, device: device);
        Tensor timestep = tensor(new[] { 500f }).to(device), guidance = tensor(new[] { 3.5f }).to(device);
        new Comparison("flux-step", 1.10) { Operations = floor.Operations, Rounds = 7 }.Run(
            () => model.Forward(latents, timestep, context, pooled, guidance, ids).Dispose(),
            floor.Run);
    }

    /// <summary>The matrix products and attention of one pass.</summary>
    /// <param name="floor">What they are added to.</param>
    /// <param name="c">The transformer's sizes.</param>
    /// <param name="text">Condition tokens.</param>
    /// <param name="image">Image tokens.</param>
    public static MatrixProducts Floor(MatrixProducts floor, FluxConfiguration c, long text, long image)
    {
        long all = text + image;
        foreach (string name in (string[])["time_in", "vector_in", "guidance_in"])
        {
            floor.Linear(1, $"{name}.in_layer");
            floor.Linear(1, $"{name}.out_layer");
        }

        floor.Linear(image, "img_in");
        floor.Linear(text, "txt_in");
        for (int block = 0; block < c.Depth; block++)
        {
            foreach ((string stream, long rows) in ((string, long)[])[("img", image), ("txt", text)])
            {
                string name = $"double_blocks.{block}.{stream}_";
                floor.Linear(1, name + "mod.lin");
                floor.Linear(rows, name + "attn.qkv");
                floor.Linear(rows, name + "attn.proj");
                floor.Linear(rows, name + "mlp.0");
                floor.Linear(rows, name + "mlp.2");
            }

            floor.Attention(c.NumHeads, all, all, c.HeadWidth);
        }

        for (int block = 0; block < c.DepthSingleBlocks; block++)
        {
            floor.Linear(1, $"single_blocks.{block}.modulation.lin");
            floor.Linear(all, $"single_blocks.{block}.linear1");
            floor.Linear(all, $"single_blocks.{block}.linear2");
            floor.Attention(c.NumHeads, all, all, c.HeadWidth);
        }

        floor.Linear(1, "final_layer.adaLN_modulation.1");
        floor.Linear(image, "final_layer.linear");
        return floor;
    }
}
