using NexusGen.Torch.Autograd;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Torch.Operators;

/// <summary>
/// The primitives that the models are written in: attention, norms and activations, each one fused operator of ATen.
/// </summary>
public static class Ops
{
    private static readonly Dispatcher.Operator RmsNormOperator = new("aten::rms_norm");
    private static readonly Dispatcher.Operator FusedAdamWOperator = new("aten::_fused_adamw_", returns: 0);
    private static readonly Dispatcher.Operator AttentionOperator = new("aten::scaled_dot_product_attention");

    /// <summary>
    /// Root-mean-square norm over the last dimension: x / √(mean(x²) + ε) · weight, computed in float32 inside.
    /// </summary>
    /// <param name="input">[…, n].</param>
    /// <param name="weight">[n], or null for none.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>[…, n] in the input's type.</returns>
    public static Tensor RmsNorm(Tensor input, Tensor? weight, double epsilon)
    {
        if (weight is not null && input.is_contiguous() && Kernel.Takes(input.shape[^1], input, weight))
        {
            return Kernel.IsRecorded(input, weight)
                ? RecordedRmsNorm.apply(input, weight, (float)epsilon)
                : RmsNormKernel.Run(input, weight, (float)epsilon);
        }

        ReadOnlySpan<long> last = [input.shape[^1]];
        Span<ulong> stack =
        [
            Dispatcher.Argument(input), Dispatcher.List(last), Dispatcher.Optional(weight), Dispatcher.Optional(epsilon),
        ];
        RmsNormOperator.Invoke(stack);
        return Dispatcher.Result(stack[0]);
    }

    /// <summary>Layer norm over the last dimension.</summary>
    /// <param name="input">[…, n].</param>
    /// <param name="weight">[n], or null for none.</param>
    /// <param name="bias">[n], or null for none.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>[…, n] in the input's type.</returns>
    public static Tensor LayerNorm(Tensor input, Tensor? weight, Tensor? bias, double epsilon) =>
        F.layer_norm(input, [input.shape[^1]], weight, bias, epsilon);

    /// <summary>
    /// Attention: softmax(q·kᵀ·scale + mask)·v. With fewer heads in keys and values than in queries each is shared by a
    /// group of neighbouring query heads (grouped-query attention).
    /// </summary>
    /// <param name="query">[batch, heads, queries, width].</param>
    /// <param name="key">[batch, heads or fewer, keys, width].</param>
    /// <param name="value">[batch, heads or fewer, keys, width].</param>
    /// <param name="mask">Broadcast to [batch, heads, queries, keys]: true where attended, or a number to add; null for none.</param>
    /// <param name="causal">Query i sees the keys up to i only (the first key and the first query are aligned).</param>
    /// <param name="scale">1/√width where null.</param>
    /// <returns>[batch, heads, queries, width].</returns>
    public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? mask = null, bool causal = false, double? scale = null)
    {
        if (OperationCount.IsOpen)
        {
            // Two products, each of two factors; a causal mask spares half of them.
            double pairs = (double)query.numel() * key.shape[2] / (causal ? 2 : 1);
            OperationCount.Product(pairs, query, key);
            OperationCount.Product(pairs, query, value);
        }

        if (MatrixAttention.Fits(query, key, value))
        {
            return MatrixAttention.Run(query, key, value, mask, causal, scale);
        }

        return FusedAttention(query, key, value, mask, causal, scale);
    }

    /// <inheritdoc cref="Attention"/>
    internal static Tensor FusedAttention(Tensor query, Tensor key, Tensor value, Tensor? mask, bool causal, double? scale)
    {
        bool grouped = query.shape[1] != key.shape[1];
        Span<ulong> stack =
        [
            Dispatcher.Argument(query), Dispatcher.Argument(key), Dispatcher.Argument(value), Dispatcher.Optional(mask),
            Dispatcher.Argument(0.0), Dispatcher.Argument(causal), Dispatcher.Optional(scale), Dispatcher.Argument(grouped),
        ];
        AttentionOperator.Invoke(stack);
        return Dispatcher.Result(stack[0]);
    }

    /// <summary>x·σ(x).</summary>
    public static Tensor Silu(Tensor input) => F.silu(input);

    /// <summary>x·σ(x), written over x, which no one may need any more; where autograd needs it, x stays as it is.</summary>
    /// <param name="input">x; its memory becomes the result's.</param>
    public static Tensor SiluOver(Tensor input) => input.requires_grad ? F.silu(input) : F.silu(input, inplace: true);

    /// <summary>The sum of two tensors, written over the second, which no one may need any more; autograd gets a sum in new memory.</summary>
    /// <param name="input">The tensor that stays.</param>
    /// <param name="over">The tensor whose memory becomes the result's; of the sum's shape and type.</param>
    public static Tensor AddOver(Tensor input, Tensor over) =>
        input.requires_grad || over.requires_grad ? input.Plus(over) : over.AddInPlace(input);

    /// <summary>silu(gate)·up, where nobody else will read the gate: its memory may be used again.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    public static Tensor GatedSilu(Tensor gate, Tensor up)
    {
        if (!gate.is_contiguous() || !up.is_contiguous() || !Kernel.Takes(gate.shape[^1], gate, up))
        {
            return Silu(gate) * up;
        }

        if (Kernel.IsRecorded(gate, up))
        {
            return RecordedGatedSilu.apply(gate, up);
        }

        ActivationKernel.GatedSilu(gate, up, gate);
        return gate;
    }

    /// <summary>The exact GELU (by the error function), or its tanh approximation.</summary>
    public static Tensor Gelu(Tensor input, bool tanh = false) =>
        tanh ? F.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh) : F.gelu(input);

    /// <summary>One step of AdamW over a list of tensors, in place.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="gradients">Their gradients, of the same types.</param>
    /// <param name="firstMoments">Running means of the gradients.</param>
    /// <param name="secondMoments">Running means of their squares.</param>
    /// <param name="steps">The number of this step, from 1, as float32 scalars.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">How much of the first moment stays.</param>
    /// <param name="beta2">How much of the second moment stays.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    public static void FusedAdamW(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> firstMoments,
        IReadOnlyList<Tensor> secondMoments,
        IReadOnlyList<Tensor> steps,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon)
    {
        Span<ulong> stack =
        [
            Dispatcher.List(parameters), Dispatcher.List(gradients), Dispatcher.List(firstMoments), Dispatcher.List(secondMoments),
            Dispatcher.List(Array.Empty<Tensor>()), Dispatcher.List(steps), Dispatcher.Argument(learningRate), Dispatcher.Argument(beta1),
            Dispatcher.Argument(beta2), Dispatcher.Argument(weightDecay), Dispatcher.Argument(epsilon), Dispatcher.Argument(false),
            Dispatcher.Argument(false), Dispatcher.Optional((Tensor?)null), Dispatcher.Optional((Tensor?)null),
        ];
        FusedAdamWOperator.Invoke(stack);
    }
}
