using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// One denoising step of FLUX with 2 double and 4 single blocks at full width: 1,024 image and 81 condition tokens.
/// </summary>
internal static class FluxStepBenchmark
{
    private const int Text = 81;
    private const int Side = 64;
    private const int Image = Side * Side / 4;

    /// <summary>Compares the step with its matrix products and attention alone.</summary>
    public static void Run()
    {
        var c = new FluxConfiguration { Depth = 2, DepthSingleBlocks = 4 };
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), Machine.Options), c);
        using FluxTransformer? wide = Machine.Format == DenseFormat.Instance
            ? null
            : new FluxTransformer(new WeightSource(new RandomWeights(1), Machine.Dense), c);
        MatrixProducts floor = Floor(new MatrixProducts(wide ?? model, Machine.Precision), c, Text, Image);
        Device device = Machine.Device;
        Tensor latents = randn(1, 16, Side, Side, device: device), context = randn(1, Text, c.ContextInDim, device: device);
        Tensor pooled = randn(1, c.VecInDim, device: device), ids = zeros(1, Text, 3, device: device);
        Tensor timestep = tensor(new[] { 500f }).to(device), guidance = tensor(new[] { 3.5f }).to(device);
        double goal = Machine.Format == Int8Format.Instance ? 0.70 : 1.10;
        new Comparison($"flux-step{Machine.Suffix}", goal) { Operations = floor.Operations, Rounds = 7 }.Run(
            () => model.Forward(latents, timestep, context, pooled, guidance, ids).Dispose(),
            floor.Run);
    }

    /// <summary>Adds the matrix products and attention of one forward pass to a floor.</summary>
    /// <param name="floor">The floor.</param>
    /// <param name="c">The configuration of the transformer.</param>
    /// <param name="text">The number of condition tokens.</param>
    /// <param name="image">The number of image tokens.</param>
    /// <returns>The floor.</returns>
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
