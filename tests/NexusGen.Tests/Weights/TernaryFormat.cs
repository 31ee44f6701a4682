using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>−1, 0 or 1 times one scale: a toy, but a whole format.</summary>
internal sealed class TernaryFormat : ILinearFormat
{
    public string Name => "ternary";

    public LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization)
    {
        using Parameter full = source.Parameter("weight", [outFeatures, inFeatures], initialization, ScalarType.Float32);
        Tensor scale = full.Value.abs().mean();
        Tensor signs = (full.Value / scale).round().clamp(-1, 1).to(ScalarType.Int8);
        return new Ternary(new Parameter(full.Name + ".signs", signs), new Parameter(full.Name + ".scale", scale));
    }

    private sealed class Ternary(Parameter signs, Parameter scale) : LinearWeight
    {
        public override IEnumerable<Parameter> Parameters => [signs, scale];

        public override Tensor Multiply(Tensor input, Tensor? bias) => nn.functional.linear(input, Widen(input.dtype), bias);

        public override Tensor Widen(ScalarType type) => signs.Value.to(type) * scale.Value.to(type);
    }
}
