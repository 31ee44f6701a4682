using static TorchSharp.torch;

namespace NexusGen.Torch.Operators;

/// <summary>
/// Attention as two matrix products and a softmax that computes in float32. ATen's fused attention in bfloat16 uses MKL for its
/// products, which has no bfloat16 kernels for some processors; the benchmark <c>attention</c> measures how much faster this
/// variant is, forward and backward, for short rows. It keeps all scores in memory, which is not possible for long rows.
/// </summary>
internal static class MatrixAttention
{
    // With more scores than this, the memory that they take outweighs the time that is saved.
    private const long MaxScores = 1 << 23;

    /// <summary>Whether this variant is the faster one: in training, in bfloat16, on the CPU, for short rows.</summary>
    public static bool ShouldUse(Tensor query, Tensor key, Tensor value) =>
        query.dtype == ScalarType.BFloat16 && query.device_type == TorchSharp.DeviceType.CPU && is_grad_enabled()
        && (query.requires_grad || key.requires_grad || value.requires_grad)
        && query.shape[0] * query.shape[1] * query.shape[2] * key.shape[2] <= MaxScores;

    /// <inheritdoc cref="Ops.Attention"/>
    public static Tensor Run(Tensor query, Tensor key, Tensor value, Tensor? mask, bool causal, double? scale)
    {
        using var scope = NewDisposeScope();
        long batch = query.shape[0], heads = query.shape[1], queries = query.shape[2], width = query.shape[3],
            groups = key.shape[1], keys = key.shape[2];
        if (causal)
        {
            Tensor seen = ones([queries, keys], dtype: ScalarType.Bool, device: query.device).tril();
            mask = mask is null ? seen : throw new ArgumentException("A mask can't be combined with a causal mask.");
        }

        // Queries that share a key head are rows of one product.
        Tensor rows = (query * Scalars.Of(scale ?? (1 / Math.Sqrt(width))))
            .reshape(batch * groups, heads / groups * queries, width);
        Tensor scores = bmm(rows, key.reshape(batch * groups, keys, width).transpose(1, 2)).view(batch, heads, queries, keys);
        if (mask is not null)
        {
            // In place, because the gradient of the product does not need its result.
            Tensor added = mask.dtype == ScalarType.Bool
                ? zeros_like(mask, dtype: scores.dtype).masked_fill_(mask.logical_not(), Scalars.Of(double.NegativeInfinity))
                : mask.to(scores.dtype);
            scores = scores.AddInPlace(added);
        }

        // Softmax computes in float32 internally.
        Tensor weights = scores.softmax(-1).view(batch * groups, heads / groups * queries, keys);
        return bmm(weights, value.reshape(batch * groups, keys, value.shape[3]))
            .view(batch, heads, queries, value.shape[3])
            .MoveToOuterDisposeScope();
    }
}
