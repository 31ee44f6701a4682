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
        MatrixProducts floor = Floor(model, c, placement.Precision);
        Tensor xx = (rand(1, 1105, 3072)-0.5).to(ScalarType.BFloat16), vec = xx.narrow(1, 0, 1).squeeze(1);
        var rot = new FluxRotary(rand(1, 1, 1105, 128), rand(1, 1, 1105, 128));
        var sb = model.Descendants.OfType<SingleStreamBlock>().ToArray();
        var db = model.Descendants.OfType<DoubleStreamBlock>().ToArray();
        var fs = new MatrixProducts(model, ScalarType.BFloat16); var fd = new MatrixProducts(model, ScalarType.BFloat16);
        for (int block = 0; block < 2; block++)
        {
            foreach ((string stream, long rows) in ((string, long)[])[("img", Image), ("txt", Text)])
            {
                string name = $"double_blocks.{block}.{stream}_";
                fd.Linear(1, name + "mod.lin");
                fd.Linear(rows, name + "attn.qkv");
                fd.Linear(rows, name + "attn.proj");
                fd.Linear(rows, name + "mlp.0");
                fd.Linear(rows, name + "mlp.2");
            }
            fd.Attention(c.NumHeads, 1105, 1105, c.HeadWidth);
        }
        for (int block = 0; block < 2; block++)
        {
            fs.Linear(1, $"single_blocks.{block}.modulation.lin");
            fs.Linear(1105, $"single_blocks.{block}.linear1");
            fs.Linear(1105, $"single_blocks.{block}.linear2");
            fs.Attention(c.NumHeads, 1105, 1105, c.HeadWidth);
        }
        new Comparison("single").Run(() => { sb[0].Forward(xx, vec, rot); sb[1].Forward(xx, vec, rot); }, fs.Run);
        new Comparison("double").Run(() => { db[0].Forward(xx.narrow(1,81,1024), xx.narrow(1,0,81), vec, rot); db[1].Forward(xx.narrow(1,81,1024), xx.narrow(1,0,81), vec, rot); }, fd.Run);
        Tensor latents = randn(1, 16, Side, Side), context = randn(1, Text, c.ContextInDim), pooled = randn(1, c.VecInDim);
        Tensor timestep = tensor(new[] { 500f }), guidance = tensor(new[] { 3.5f }), ids = zeros(1, Text, 3);
        new Comparison("flux-step", 1.10) { Operations = floor.Operations, Rounds = 7 }.Run(
            () => model.Forward(latents, timestep, context, pooled, guidance, ids).Dispose(),
            floor.Run);
    }

    private static MatrixProducts Floor(FluxTransformer model, FluxConfiguration c, ScalarType type)
    {
        var floor = new MatrixProducts(model, type);
        long all = Text + Image;
        foreach (string name in (string[])["time_in", "vector_in", "guidance_in"])
        {
            floor.Linear(1, $"{name}.in_layer");
            floor.Linear(1, $"{name}.out_layer");
        }

        floor.Linear(Image, "img_in");
        floor.Linear(Text, "txt_in");
        for (int block = 0; block < c.Depth; block++)
        {
            foreach ((string stream, long rows) in ((string, long)[])[("img", Image), ("txt", Text)])
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
        floor.Linear(Image, "final_layer.linear");
        return floor;
    }
}
