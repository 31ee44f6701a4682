using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>RMSNorm with a learned weight over the last dimension.</summary>
internal sealed class RmsNorm : Module
{
    private readonly Parameter _weight;
    private readonly double _epsilon;

    /// <summary>Loads a norm.</summary>
    /// <param name="source">The weights of the layer.</param>
    /// <param name="width">The size of the last dimension.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="name">The name of the weight: <c>weight</c>, or <c>scale</c> in the files of black-forest-labs.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public RmsNorm(WeightSource source, long width, double epsilon, string name = "weight")
        : base(source)
    {
        _weight = Own(source.Parameter(name, [width], Initialization.Ones));
        _epsilon = epsilon;
    }

    /// <summary>Gets the weight, [width].</summary>
    internal Tensor Weight => _weight.Value;

    /// <summary>Gets the value that is added to the mean square.</summary>
    internal double Epsilon => _epsilon;

    /// <summary>Computes x / √(mean(x²) + ε) · weight.</summary>
    /// <param name="input">[…, width].</param>
    /// <returns>[…, width] in the input's type.</returns>
    public Tensor Forward(Tensor input)
    {
        Tensor weight = _weight.Value;
        return Ops.RmsNorm(input, weight.dtype == input.dtype ? weight : weight.to(input.dtype), _epsilon);
    }
}
