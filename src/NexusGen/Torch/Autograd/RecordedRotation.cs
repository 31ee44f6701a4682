using NexusGen.Torch.Kernels;
using static TorchSharp.torch.autograd;
using static TorchSharp.torch;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// The rotation of the two halves of each head's vectors, for a tensor, cosines and sines. In memory the result's heads come
/// before its tokens, as attention reads them.
/// </summary>
internal sealed class RecordedRotation : RecordedFunction<RecordedRotation>
{
    /// <inheritdoc/>
    protected override Tensor Compute(AutogradContext ctx, object[] inputs)
    {
        var (x, cos, sin) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2]);
        ctx.save_for_backward([cos, sin]);
        long batch = x.shape[0], tokens = x.shape[1], heads = x.shape[2], width = x.shape[3];
        Tensor turned = empty_strided([batch, tokens, heads, width], [heads * tokens * width, width, tokens * width, 1], dtype: x.dtype);
        HalfRotationKernel.Run(x, cos, sin, turned);
        return turned;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient)
    {
        Tensor dense = gradient.stride(-1) == 1 ? gradient : gradient.contiguous();
        Tensor turned = empty(dense.shape, dtype: dense.dtype);
        HalfRotationKernel.Run(dense, saved[0], saved[1], turned, back: true);
        return [turned];
    }
}
