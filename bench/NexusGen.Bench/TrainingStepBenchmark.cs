using NexusGen.Diffusion.Flux;
using NexusGen.Torch.Native;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>Training steps, forward and backward, of decoders and of a small language model, against the same step's matrix products and attention alone.</summary>
internal static class TrainingStepBenchmark
{
    /// <summary>The sizes of the small transformer.</summary>
    internal static FluxConfiguration Small { get; } = new()
    {
        HiddenSize = 256,
        NumHeads = 4,
        Depth = 3,
        DepthSingleBlocks = 6,
        AxesDim = [16, 24, 24],
        ContextInDim = 256,
        VecInDim = 16,
    };

    /// <summary>One double and one single block at full width in bfloat16, a small transformer with a batch of 32 in float32, and a small language model.</summary>
    public static void Run()
    {
        Run("training-step, full width", new FluxConfiguration { Depth = 1, DepthSingleBlocks = 1 }, ScalarType.BFloat16, batch: 1, side: 64, text: 81, rounds: 5);
        Run("training-step, small", Small, ScalarType.Float32, batch: 32, side: 14, text: 16, rounds: 7);
        SmallLanguageModel.Step();
    }

    private static void Run(string name, FluxConfiguration c, ScalarType type, int batch, int side, int text, int rounds)
    {
        using var scope = NewDisposeScope();
        using IDisposable recording = enable_grad();

        // As a training has it; the products have it too.
        using var heap = new NativeHeap();
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(type))), c);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.requires_grad_(true);
        }

        MatrixProducts floor = FluxStepBenchmark.Floor(new MatrixProducts(model, type, batch, training: true), c, text, side * side / 4);
        Device device = Machine.Device;
        Tensor latents = randn(batch, 16, side, side, device: device), context = randn(batch, text, c.ContextInDim, device: device);
        Tensor pooled = randn(batch, c.VecInDim, device: device), timestep = rand(batch, device: device) * 1000;
        Tensor guidance = full([batch], 3.5, device: device), ids = rand(batch, text, 3, device: device) * 8;
        new Comparison(name, 1.30) { Operations = floor.Operations, Rounds = rounds }.Run(
            () =>
            {
                model.Forward(latents, timestep, context, pooled, guidance, ids).to(ScalarType.Float32).square().mean().backward();
                foreach (Parameter parameter in model.Parameters)
                {
                    parameter.Value.grad?.Dispose();
                    parameter.Value.grad = null;
                }
            },
            floor.Run);
    }
}
