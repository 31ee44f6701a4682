using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>Root-mean-square norm with a learned weight over the last dimension.</summary>
public sealed class RmsNorm : Module
{
    private readonly Parameter _weight;
    private readonly double _epsilon;

    /// <summary>Loads a norm.</summary>
    /// <param name="source">Its place.</param>
    /// <param name="width">Size of the last dimension.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="name">The weight's name there: <c>weight</c>, or <c>scale</c> in black-forest-labs' files.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public RmsNorm(WeightSource source, long width, double epsilon, string name = "weight")
        : base(source)
    {
        _weight = Own(source.Parameter(name, [width], Initialization.Ones));
        _epsilon = epsilon;
    }

    /// <summary>The weight, [width].</summary>
    internal Tensor Weight => _weight.Value;

    /// <summary>What is added to the mean square.</summary>
    internal double Epsilon => _epsilon;

    /// <summary>x / √(mean(x²) + ε) · weight.</summary>
    /// <param name="input">[…, width].</param>
    /// <returns>[…, width] in the input's type.</returns>
    public Tensor Forward(Tensor input)
    {
        Tensor weight = _weight.Value;
        return Ops.RmsNorm(input, weight.dtype == input.dtype ? weight : weight.to(input.dtype), _epsilon);
    }
}
