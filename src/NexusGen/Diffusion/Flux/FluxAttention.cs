using NexusGen.Torch.Kernels;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// FLUX's attention over one or two streams: norms of queries and keys, their rotation, attention. Where no gradient is
/// recorded, it works within the memory of the projections.
/// </summary>
internal static class FluxAttention
{
    /// <summary>Attends over all streams as one sequence.</summary>
    /// <param name="rotary">The positions of all tokens.</param>
    /// <param name="streams">The streams in the order of the sequence. Nobody else may read their projections.</param>
    /// <returns>[batch, tokens, heads·head width].</returns>
    public static Tensor Attend(FluxRotary rotary, params ReadOnlySpan<FluxProjection> streams)
    {
        using var scope = NewDisposeScope();
        Tensor[] qkv = HasKernel(rotary, streams) ? Fused(rotary, streams) : Composed(rotary, streams);
        return Ops.Attention(qkv[0], qkv[1], qkv[2]).transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
    }

    private static bool HasKernel(FluxRotary rotary, ReadOnlySpan<FluxProjection> streams)
    {
        foreach (FluxProjection stream in streams)
        {
            if (!Kernel.Fits(rotary.Cos.shape[^1], stream.Qkv, stream.QueryNorm.Weight, stream.KeyNorm.Weight))
            {
                return false;
            }
        }

        return true;
    }

    private static Tensor[] Fused(FluxRotary rotary, ReadOnlySpan<FluxProjection> streams)
    {
        // One stream is rotated in place, several into tensors that hold them all.
        long tokens = rotary.Cos.shape[2];
        Tensor[] first = streams[0].Parts();
        Tensor[] joined = streams.Length == 1
            ? first
            : [.. first.Select(part => empty([part.shape[0], tokens, part.shape[2], part.shape[3]], dtype: part.dtype))];
        long start = 0;
        foreach (FluxProjection stream in streams)
        {
            Tensor[] from = stream.Parts();
            long count = from[0].shape[1];
            Tensor[] to = [.. joined.Select(part => part.narrow(1, start, count))];
            HeadRotationKernel.Run(from[0], stream.QueryNorm.Weight, rotary.Cos, rotary.Sin, start, to[0], (float)stream.QueryNorm.Epsilon);
            HeadRotationKernel.Run(from[1], stream.KeyNorm.Weight, rotary.Cos, rotary.Sin, start, to[1], (float)stream.KeyNorm.Epsilon);
            if (streams.Length > 1)
            {
                to[2].copy_(from[2]);
            }

            start += count;
        }

        return [.. joined.Select(part => part.transpose(1, 2))];
    }

    private static Tensor[] Composed(FluxRotary rotary, ReadOnlySpan<FluxProjection> streams)
    {
        List<Tensor> q = [], k = [], v = [];
        foreach (FluxProjection stream in streams)
        {
            Tensor[] parts = stream.Parts();
            q.Add(stream.QueryNorm.Forward(parts[0]));
            k.Add(stream.KeyNorm.Forward(parts[1]));
            v.Add(parts[2]);
        }

        Tensor Join(List<Tensor> parts) => (parts.Count == 1 ? parts[0] : cat(parts, 1)).transpose(1, 2);
        return [Rotate(Join(q), rotary), Rotate(Join(k), rotary), Join(v)];
    }

    // Neighbouring pairs: (a, b) to (a·cos − b·sin, a·sin + b·cos); in float32 as officially, whatever x is.
    private static Tensor Rotate(Tensor x, FluxRotary rotary)
    {
        Tensor turned = stack([-x.slice(-1, 1, x.shape[^1], 2), x.slice(-1, 0, x.shape[^1], 2)], -1).flatten(-2);
        return FluxOps.AddProduct(x * rotary.Cos, turned, rotary.Sin).to(x.dtype);
    }
}
