using NexusGen.Diffusion;
using NexusGen.Torch;
using NexusGen.Training;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Forward and backward of a small decoder on 32 samples: as one batch whose operators are split among all threads, and in as many
/// parts as there are threads, computed at once by one thread each (<see cref="TrainingConfiguration.Parallel"/>).
/// </summary>
internal static class ParallelBatchesBenchmark
{
    private const int Batch = 32;

    public static void Run()
    {
        int threads = NativeRuntime.Threads;
        using var scope = NewDisposeScope();
        using var heap = new NativeHeap();
        FluxConfiguration c = TrainingStepBenchmark.Small;
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(ScalarType.BFloat16))), c);
        Tensor[] parameters = [.. model.Parameters.Select(parameter => parameter.Value.requires_grad_(true))];
        Action Pass(int batch)
        {
            Tensor latents = randn(batch, 16, 14, 14), context = randn(batch, 16, c.ContextInDim), pooled = randn(batch, c.VecInDim);
            Tensor timestep = rand(batch) * 1000, guidance = full([batch], 3.5), ids = rand(batch, 16, 3) * 8;
            return () =>
            {
                using var passing = NewDisposeScope();
                using IDisposable recording = enable_grad();
                Tensor loss = model.Forward(latents, timestep, context, pooled, guidance, ids).to(ScalarType.Float32).square().mean();
                _ = autograd.grad([loss], parameters, allow_unused: true);
            };
        }

        Action whole = Pass(Batch), part = Pass(Batch / threads);
        using var single = new OperatorThreads(1, shares: 1);
        using var computing = new ComputeThreads(threads);
        new Comparison($"{threads} batches of {Batch / threads} at once, bfloat16") { FloorName = $"one of {Batch}", Rounds = 9 }.Run(
            () => computing.Run(threads, _ => part()),
            () =>
            {
                using var all = new OperatorThreads(threads, shares: 1);
                whole();
            });
    }
}
