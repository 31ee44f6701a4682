using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Torch;

/// <summary>The root-mean-square norm with a weight, for a tensor, a weight and an epsilon (float).</summary>
internal sealed class RecordedRmsNorm : RecordedFunction<RecordedRmsNorm>
{
    private const string Epsilon = "epsilon";

    /// <inheritdoc/>
    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (input, weight, epsilon) = ((Tensor)vars[0], (Tensor)vars[1], (float)vars[2]);
        ctx.save_for_backward([input, weight]);
        ctx.save_data(Epsilon, epsilon);
        ctx.save_data(Inputs, vars.Length);
        return RmsNormKernel.Run(input, weight, epsilon);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient)
    {
        (Tensor input, Tensor weight) = RmsNormGradientKernel.Run(saved[0], saved[1], (float)ctx.get_data(Epsilon), gradient.contiguous());
        return [input, weight];
    }
}
