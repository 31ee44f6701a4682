using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Torch;

/// <summary>silu(gate)·up, for two tensors.</summary>
internal sealed class RecordedGatedSilu : RecordedFunction<RecordedGatedSilu>
{
    /// <inheritdoc/>
    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (gate, up) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([gate, up]);
        ctx.save_data(Inputs, vars.Length);
        Tensor result = empty(gate.shape, dtype: gate.dtype);
        ActivationKernel.GatedSilu(gate, up, result);
        return result;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient)
    {
        Tensor gate = empty(gradient.shape, dtype: gradient.dtype), up = empty(gradient.shape, dtype: gradient.dtype);
        ActivationKernel.GatedSiluGradient(saved[0], saved[1], gradient.contiguous(), gate, up);
        return [gate, up];
    }
}
