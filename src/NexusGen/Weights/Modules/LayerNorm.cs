using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>Layer norm with learned weight and bias over the last dimension.</summary>
public sealed class LayerNorm : Module
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly double _epsilon;

    /// <summary>Loads a norm.</summary>
    /// <param name="source">Its place; the names there are <c>weight</c> and <c>bias</c>.</param>
    /// <param name="width">Size of the last dimension.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public LayerNorm(WeightSource source, long width, double epsilon)
        : base(source)
    {
        _weight = Own(source.Parameter("weight", [width], Initialization.Ones));
        _bias = Own(source.Parameter("bias", [width], Initialization.Zeros));
        _epsilon = epsilon;
    }

    /// <summary>(x − mean) / √(variance + ε) · weight + bias.</summary>
    /// <param name="input">[…, width].</param>
    /// <returns>[…, width] in the input's type.</returns>
    public Tensor Forward(Tensor input) =>
        Ops.LayerNorm(input, _weight.Value.to(input.dtype), _bias.Value.to(input.dtype), _epsilon);
}
