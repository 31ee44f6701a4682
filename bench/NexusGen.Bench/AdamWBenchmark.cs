using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Training.Optimization;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// AdamW's step over all parameters of a small transformer: the library's, one fused pass of ATen, against the same update as a loop
/// over the parameters with ATen's operators in place, as an optimiser without fused passes has it.
/// </summary>
internal static class AdamWBenchmark
{
    private const double LearningRate = 1e-4;
    private static readonly AdamWOptions Options = new();

    /// <summary>Weights in float32, and in bfloat16 with float32 masters.</summary>
    public static void Run()
    {
        Run("adamw, float32", ScalarType.Float32);
        Run("adamw, bfloat16 with float32 masters", ScalarType.BFloat16);
    }

    private static void Run(string name, ScalarType type)
    {
        using var scope = NewDisposeScope();

        // As a training has it; the loop has it too.
        using var heap = new NativeHeap();
        using var model = new FluxTransformer(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(type))), TrainingStepBenchmark.Small);
        var group = new ParameterGroup([.. model.Parameters]);
        using var fused = new AdamW([group], Options);
        foreach (Parameter parameter in group.Parameters)
        {
            parameter.Value.grad = randn_like(parameter.Value);
        }

        var loop = new Loop(group);
        new Comparison(name) { FloorName = "a loop", Repeats = 4 }.Run(() => fused.Step(LearningRate), loop.Step);

        // Both took as many steps: only the same update may be compared.
        double difference = fused.Weights.Zip(loop.Weights, (one, other) => (one.Value - other).abs().max().item<float>()).Max();
        if (!(difference <= 1e-5))
        {
            throw new InvalidOperationException($"{name}: the weights of both ways are {difference} apart.");
        }
    }

    // The formula of PyTorch's AdamW, operator after operator; what can be computed once a step is no tensor.
    private sealed class Loop(ParameterGroup group)
    {
        private readonly List<Slot> _slots = [.. group.Parameters.Select(parameter => new Slot(parameter))];
        private int _steps;

        public IEnumerable<Tensor> Weights => _slots.Select(slot => slot.Master ?? slot.Value);

        public void Step()
        {
            _steps++;
            double stepSize = LearningRate / (1 - Math.Pow(Options.Beta1, _steps));
            double correction = Math.Sqrt(1 - Math.Pow(Options.Beta2, _steps));
            foreach (Slot slot in _slots)
            {
                using var scope = NewDisposeScope();
                Tensor weight = slot.Master ?? slot.Value;
                Tensor gradient = slot.Master is null ? slot.Gradient : slot.Gradient.to(ScalarType.Float32);
                weight.mul_(Scalars.Of(1 - (LearningRate * group.WeightDecay)));
                slot.First.mul_(Scalars.Of(Options.Beta1)).add_(gradient, Scalars.Of(1 - Options.Beta1));
                slot.Second.mul_(Scalars.Of(Options.Beta2)).addcmul_(gradient, gradient, Scalars.Of(1 - Options.Beta2));
                Tensor root = slot.Second.sqrt().div_(Scalars.Of(correction)).add_(Scalars.Of(Options.Epsilon), Scalars.Of(1L));
                weight.addcdiv_(slot.First, root, Scalars.Of(-stepSize));
                if (slot.Master is not null)
                {
                    slot.Value.copy_(slot.Master);
                }
            }
        }
    }

    // Weights of its own, the gradient of the other way.
    private sealed class Slot(Parameter parameter)
    {
        public Tensor Value { get; } = parameter.Value.detach().clone();

        public Tensor Gradient { get; } = parameter.Value.grad!;

        public Tensor First { get; } = zeros_like(parameter.Value, dtype: ScalarType.Float32);

        public Tensor Second { get; } = zeros_like(parameter.Value, dtype: ScalarType.Float32);

        public Tensor? Master { get; } = parameter.Value.dtype == ScalarType.Float32 ? null : parameter.Value.detach().to(ScalarType.Float32);
    }
}
