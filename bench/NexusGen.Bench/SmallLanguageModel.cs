using NexusGen.Autoregressive;
using NexusGen.Torch.Native;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>Training a language model of the small model's sizes in bfloat16: rows of 256 tokens, forward and backward.</summary>
internal sealed class SmallLanguageModel : IDisposable
{
    private const int Length = 256, Rows = 16;

    private static readonly LanguageModelConfiguration Sizes = LanguageModelConfiguration.NexusGenV2 with
    {
        HiddenSize = 256,
        IntermediateSize = 768,
        NumHiddenLayers = 6,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        VocabSize = 1024,
        MropeSection = [8, 12, 12],
    };

    private readonly LanguageModel _model = new(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(ScalarType.BFloat16))), Sizes);
    private readonly NativeHeap _heap = new();

    private SmallLanguageModel()
    {
        foreach (Parameter parameter in _model.Parameters)
        {
            parameter.Value.requires_grad_(true);
        }
    }

    /// <summary>A step of all rows against its matrix products and attention alone.</summary>
    public static void Step()
    {
        using var scope = NewDisposeScope();
        using IDisposable recording = enable_grad();
        using var small = new SmallLanguageModel();
        MatrixProducts floor = LanguageModelBenchmarks.Floor(new MatrixProducts(small._model, ScalarType.BFloat16, Rows, training: true), Sizes, Length, Length);
        new Comparison("training-step, small language model") { Operations = floor.Operations }.Run(small.Pass(), floor.Run);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _heap.Dispose();
    }

    private Action Pass()
    {
        Tensor inputs = randn(Rows, Length, Sizes.HiddenSize).to(ScalarType.BFloat16, Machine.Device);
        Tensor positions = arange(Length).to(Machine.Device).view(1, 1, -1).expand(3, Rows, -1);
        return () =>
        {
            _model.Forward(inputs, positions).to(ScalarType.Float32).square().mean().backward();
            foreach (Parameter parameter in _model.Parameters)
            {
                parameter.Value.grad?.Dispose();
                parameter.Value.grad = null;
            }
        };
    }
}
