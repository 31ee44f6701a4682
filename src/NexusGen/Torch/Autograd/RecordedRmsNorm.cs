using NexusGen.Torch.Kernels;
using static TorchSharp.torch.autograd;
using static TorchSharp.torch;

namespace NexusGen.Torch.Autograd;

/// <summary>The root-mean-square norm with a weight, for a tensor, a weight and an epsilon (float).</summary>
internal sealed class RecordedRmsNorm : RecordedFunction<RecordedRmsNorm>
{
    private const string Epsilon = "epsilon";

    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (input, weight, epsilon) = ((Tensor)inputs[0], (Tensor)inputs[1], (float)inputs[2]);
        ctx.save_for_backward([input, weight]);
        ctx.save_data(Epsilon, epsilon);
        return RmsNormKernel.Run(input, weight, epsilon);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient)
    {
        (Tensor input, Tensor weight) = RmsNormGradientKernel.Run(saved[0], saved[1], (float)ctx.get_data(Epsilon), gradient.contiguous());
        return [input, weight];
    }
}
