using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using static TorchSharp.torch;

namespace NexusGen.Diffusion;

/// <summary>FLUX's attention over one or two streams: norms of queries and keys, their rotation, attention.</summary>
internal static class FluxAttention
{
    /// <summary>Attends over all streams as one sequence.</summary>
    /// <param name="rotary">The positions of all tokens.</param>
    /// <param name="streams">The streams in the order of the sequence.</param>
    /// <returns>[batch, tokens, heads·head width].</returns>
    public static Tensor Attend(FluxRotary rotary, params ReadOnlySpan<FluxProjection> streams)
    {
        using var scope = NewDisposeScope();
        (Tensor q, Tensor k, Tensor v) = HasKernel(rotary, streams) ? Fused(rotary, streams) : Composed(rotary, streams);
        return Ops.Attention(q, k, v).transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
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

    private static (Tensor Q, Tensor K, Tensor V) Fused(FluxRotary rotary, ReadOnlySpan<FluxProjection> streams)
    {
        var sources = new PairRotationKernel.Stream[streams.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            sources[i] = new(streams[i].Qkv, streams[i].QueryNorm.Weight, streams[i].KeyNorm.Weight);
        }

        return PairRotationKernel.Run(sources, rotary.Cos, rotary.Sin, streams[0].Heads, (float)streams[0].QueryNorm.Epsilon);
    }

    private static (Tensor Q, Tensor K, Tensor V) Composed(FluxRotary rotary, ReadOnlySpan<FluxProjection> streams)
    {
        List<Tensor> q = [], k = [], v = [];
        foreach ((Tensor qkv, int heads, var queryNorm, var keyNorm) in streams)
        {
            long width = rotary.Cos.shape[^1];
            Tensor own = qkv.narrow(-1, 0, 3 * heads * width);
            Tensor[] parts = own.view(qkv.shape[0], qkv.shape[1], 3, heads, width).permute(2, 0, 3, 1, 4).unbind(0);
            q.Add(queryNorm.Forward(parts[0]));
            k.Add(keyNorm.Forward(parts[1]));
            v.Add(parts[2]);
        }

        Tensor Join(List<Tensor> parts) => parts.Count == 1 ? parts[0] : cat(parts, 2);
        Tensor cos = rotary.Cos.to(q[0].dtype), sin = rotary.Sin.to(q[0].dtype);
        return (Rotate(Join(q), cos, sin), Rotate(Join(k), cos, sin), Join(v));
    }

    // Neighbouring pairs: (a, b) to (a·cos − b·sin, a·sin + b·cos).
    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        Tensor pairs = x.view([.. x.shape[..^1], x.shape[^1] / 2, 2]);
        Tensor turned = stack([-pairs.select(-1, 1), pairs.select(-1, 0)], -1).flatten(-2);
        return FluxOps.AddProduct(x * cos, turned, sin);
    }
}
