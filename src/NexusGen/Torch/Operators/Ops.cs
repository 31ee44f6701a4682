using NexusGen.Torch.Autograd;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Torch.Operators;

/// <summary>
/// The primitives that the models are built from: attention, norms, activations and the step of AdamW. Each is a fused operator
/// of ATen, or a kernel of this library if it supports the tensors.
/// </summary>
internal static class Ops
{
    private static readonly Dispatcher.Operator RmsNormOperator = new("aten::rms_norm");
    private static readonly Dispatcher.Operator FusedAdamWOperator = new("aten::_fused_adamw_", returns: 0);
    private static readonly Dispatcher.Operator IntegerProductOperator = new("aten::_int_mm");
    private static readonly Dispatcher.Operator ReinterpretOperator = new("aten::view", "dtype");
    private static readonly Dispatcher.Operator AttentionOperator = new("aten::scaled_dot_product_attention");

    /// <summary>RMSNorm over the last dimension: x / √(mean(x²) + ε) · weight, computed in float32 internally.</summary>
    /// <param name="input">[…, n].</param>
    /// <param name="weight">[n], or null for none.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>[…, n] in the input's type.</returns>
    public static Tensor RmsNorm(Tensor input, Tensor? weight, double epsilon)
    {
        if (weight is not null && input.is_contiguous() && Kernel.Supports(input.shape[^1], input, weight))
        {
            return Kernel.RequiresGradient(input, weight)
                ? RmsNormFunction.apply(input, weight, (float)epsilon)
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

    /// <summary>Returns the bytes of a tensor as elements of another type.</summary>
    /// <param name="input">[…, n], contiguous.</param>
    /// <param name="type">The element type.</param>
    /// <returns>[…, m], over the same memory.</returns>
    public static Tensor Reinterpret(Tensor input, ScalarType type)
    {
        Span<ulong> stack = [Dispatcher.Argument(input), Dispatcher.Argument((long)type)];
        ReinterpretOperator.Invoke(stack);
        return Dispatcher.Result(stack[0]);
    }

    /// <summary>The product of two matrices of signed bytes, summed in 32-bit integers.</summary>
    /// <param name="left">[rows, inner], int8.</param>
    /// <param name="right">[inner, columns], int8.</param>
    /// <returns>[rows, columns], int32.</returns>
    public static Tensor IntegerProduct(Tensor left, Tensor right)
    {
        Span<ulong> stack = [Dispatcher.Argument(left), Dispatcher.Argument(right)];
        IntegerProductOperator.Invoke(stack);
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
    /// Attention: softmax(q·kᵀ·scale + mask)·v. If keys and values have fewer heads than queries, each is shared by a group of
    /// neighboring query heads (grouped-query attention).
    /// </summary>
    /// <param name="query">[batch, heads, queries, width].</param>
    /// <param name="key">[batch, heads or fewer, keys, width].</param>
    /// <param name="value">[batch, heads or fewer, keys, width].</param>
    /// <param name="mask">
    /// Broadcastable to [batch, heads, queries, keys]: true for a key that is attended to, or a number to add; null for none.
    /// </param>
    /// <param name="causal">
    /// true to let query i attend only to the keys up to i (the first key and the first query are aligned). Excludes a mask.
    /// </param>
    /// <param name="scale">The factor of the scores, or null for 1/√width.</param>
    /// <returns>[batch, heads, queries, width].</returns>
    public static Tensor Attention(
        Tensor query,
        Tensor key,
        Tensor value,
        Tensor? mask = null,
        bool causal = false,
        double? scale = null)
    {
        if (OperationCount.IsOpen)
        {
            // Two products of two factors each. A causal mask halves the work.
            double pairs = (double)query.numel() * key.shape[2] / (causal ? 2 : 1);
            OperationCount.Product(pairs, query, key);
            OperationCount.Product(pairs, query, value);
        }

        if (MatrixAttention.ShouldUse(query, key, value))
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

    /// <summary>Computes x·σ(x).</summary>
    public static Tensor Silu(Tensor input) => F.silu(input);

    /// <summary>
    /// Computes x·σ(x) in place. The caller must not use x afterwards. If x requires a gradient, the result is a new tensor
    /// instead.
    /// </summary>
    /// <param name="input">The tensor x, whose memory becomes the result's.</param>
    public static Tensor SiluOver(Tensor input) => input.requires_grad ? F.silu(input) : F.silu(input, inplace: true);

    /// <summary>
    /// Adds two tensors and writes the sum over the second, which the caller must not use afterwards. If one of them requires a
    /// gradient, the sum is a new tensor instead.
    /// </summary>
    /// <param name="input">The tensor that stays unchanged.</param>
    /// <param name="over">The tensor whose memory becomes the result's; it has the shape and type of the sum.</param>
    public static Tensor AddOver(Tensor input, Tensor over) =>
        input.requires_grad || over.requires_grad ? input.Plus(over) : over.AddInPlace(input);

    /// <summary>
    /// Computes silu(gate)·up. The caller must not use the gate afterwards, because its memory may be reused for the result.
    /// </summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    public static Tensor SwiGlu(Tensor gate, Tensor up)
    {
        if (!gate.is_contiguous() || !up.is_contiguous() || !Kernel.Supports(gate.shape[^1], gate, up))
        {
            return Silu(gate) * up;
        }

        if (Kernel.RequiresGradient(gate, up))
        {
            return SwiGluFunction.apply(gate, up);
        }

        ActivationKernel.SwiGlu(gate, up, gate);
        return gate;
    }

    /// <summary>Computes the exact GELU (with the error function), or its tanh approximation.</summary>
    public static Tensor Gelu(Tensor input, bool tanh = false) =>
        tanh ? F.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh) : F.gelu(input);

    /// <summary>Performs one step of AdamW over a list of tensors, in place.</summary>
    /// <param name="parameters">The tensors to train.</param>
    /// <param name="gradients">Their gradients, of the same types.</param>
    /// <param name="firstMoments">The running means of the gradients.</param>
    /// <param name="secondMoments">The running means of the squared gradients.</param>
    /// <param name="steps">The number of this step, from 1, as one float32 scalar per parameter.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay rate of the first moment.</param>
    /// <param name="beta2">The decay rate of the second moment.</param>
    /// <param name="weightDecay">The decoupled weight decay.</param>
    /// <param name="epsilon">Added to the square root of the second moment.</param>
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
            Dispatcher.List(parameters), Dispatcher.List(gradients), Dispatcher.List(firstMoments),
            Dispatcher.List(secondMoments), Dispatcher.List(Array.Empty<Tensor>()), Dispatcher.List(steps),
            Dispatcher.Argument(learningRate), Dispatcher.Argument(beta1), Dispatcher.Argument(beta2),
            Dispatcher.Argument(weightDecay), Dispatcher.Argument(epsilon), Dispatcher.Argument(false),
            Dispatcher.Argument(false), Dispatcher.Optional((Tensor?)null), Dispatcher.Optional((Tensor?)null),
        ];
        FusedAdamWOperator.Invoke(stack);
    }
}
