using NexusGen.Torch.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Torch;

/// <summary>
/// The rotation of the two halves of each head's vectors, for a tensor, cosines and sines. In memory the result's heads come
/// before its tokens, as attention reads them.
/// </summary>
internal sealed class RecordedRotation : RecordedFunction<RecordedRotation>
{
    /// <inheritdoc/>
    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (x, cos, sin) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        ctx.save_for_backward([cos, sin]);
        ctx.save_data(Inputs, vars.Length);
        long batch = x.shape[0], tokens = x.shape[1], heads = x.shape[2], width = x.shape[3];
        Tensor turned = empty_strided([batch, tokens, heads, width], [heads * tokens * width, width, tokens * width, 1], dtype: x.dtype);
        HalfRotationKernel.Run(x, cos, sin, turned, back: false);
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
