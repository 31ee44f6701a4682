using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Torch.Autograd;

/// <summary>SwiGLU, silu(gate)·up. Its inputs are the two tensors.</summary>
internal sealed class SwiGluFunction : AutogradFunction<SwiGluFunction>
{
    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (gate, up) = ((Tensor)inputs[0], (Tensor)inputs[1]);
        ctx.save_for_backward([gate, up]);
        Tensor result = empty(gate.shape, dtype: gate.dtype);
        ActivationKernel.SwiGlu(gate, up, result);
        return result;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient)
    {
        Tensor gate = empty(gradient.shape, dtype: gradient.dtype), up = empty(gradient.shape, dtype: gradient.dtype);
        ActivationKernel.SwiGluGradient(saved[0], saved[1], gradient.contiguous(), gate, up);
        return [gate, up];
    }
}
