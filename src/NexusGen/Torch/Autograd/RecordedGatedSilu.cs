using NexusGen.Torch.Kernels;
using static TorchSharp.torch.autograd;
using static TorchSharp.torch;

namespace NexusGen.Torch.Autograd;

/// <summary>silu(gate)·up, for two tensors.</summary>
internal sealed class RecordedGatedSilu : RecordedFunction<RecordedGatedSilu>
{
    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (gate, up) = ((Tensor)inputs[0], (Tensor)inputs[1]);
        ctx.save_for_backward([gate, up]);
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
