using NexusGen.Torch.Autograd;
using TorchSharp;
using static TorchSharp.torch.autograd;
using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>
/// Gradient checkpointing (arXiv 1604.06174): of a block only its inputs are kept, and its activations are computed a second
/// time when the backward pass arrives there. Time for memory: a third more computing, and the activations of one block
/// instead of all of them.
/// </summary>
/// <remarks>
/// A block must compute the same both times. Whatever it uses that leads to a gradient elsewhere must be among its inputs;
/// parameters may be used freely, unless they are streamed. Differentiate with <see cref="Backward"/>, which also brings to the
/// caller what a block raises while it is computed again.
/// </remarks>
public static class Checkpointing
{
    /// <summary>Runs a block of one input and one output.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">Its input.</param>
    /// <returns>Its output.</returns>
    public static Tensor Run(Func<Tensor, Tensor> block, Tensor input) => Run(inputs => [block(inputs[0])], input)[0];

    /// <summary>Runs a block.</summary>
    /// <param name="block">The block; all that it returns is floating point.</param>
    /// <param name="inputs">Its inputs; those of integers or without a gradient are passed through.</param>
    /// <returns>Its outputs.</returns>
    public static IReadOnlyList<Tensor> Run(Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block, params Tensor[] inputs)
    {
        if (!is_grad_enabled())
        {
            return block(inputs);
        }

        // The block's parameters are no inputs, so an input that asks for a gradient is needed to put it into the graph.
        using Tensor anchor = zeros(0, requires_grad: true);
        return Recomputed.apply([block, anchor, .. inputs]);
    }

    /// <summary>The backward pass from a loss.</summary>
    /// <param name="loss">A scalar.</param>
    public static void Backward(Tensor loss)
    {
        loss.backward();
        BackwardFailures.ThrowFirst();
    }

    private sealed class Recomputed : MultiTensorFunction<Recomputed>
    {
        private const string Block = "block";

        // The engine copies the returned gradients' handles after the call, so the previous call's can go at the next one.
        [ThreadStatic]
        private static List<Tensor?>? _returned;

        public override string Name => nameof(Recomputed);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            List<Tensor> inputs = [.. vars.Skip(2).Cast<Tensor>()];
            ctx.set_materialize_grads(false);
            ctx.save_data(Block, vars[0]);
            ctx.save_for_backward(inputs);
            using var scope = NewDisposeScope();
            return [.. ((Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>)vars[0])(inputs).Select(output => output.MoveToOuterDisposeScope())];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            _returned?.ForEach(gradient => gradient?.Dispose());
            List<Tensor> saved = ctx.get_saved_variables();
            List<Tensor?> gradients;
            try
            {
                gradients = Gradients((Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>)ctx.get_data(Block), saved, grad_outputs);
            }
            catch (Exception e)
            {
                BackwardFailures.Add(e);
                gradients = [.. saved.Select(_ => (Tensor?)null)];
            }

            saved.ForEach(tensor => tensor.Dispose());
            grad_outputs.ForEach(tensor => tensor.Dispose());
            _returned = gradients;
            return [null!, null!, .. gradients.Select(gradient => gradient!)];
        }

        private static List<Tensor?> Gradients(
            Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block, List<Tensor> saved, List<Tensor> outputGradients)
        {
            using var scope = NewDisposeScope();
            using IDisposable recording = enable_grad();
            List<Tensor> inputs = [.. saved.Select(tensor => tensor.detach().requires_grad_(tensor.requires_grad))];
            IReadOnlyList<Tensor> outputs = block(inputs);
            var used = outputs.Zip(outputGradients).Where(pair => !pair.Second.IsInvalid && pair.First.requires_grad).ToList();
            if (used.Count > 0)
            {
                torch.autograd.backward([.. used.Select(pair => pair.First)], [.. used.Select(pair => pair.Second)]);
            }

            return [.. inputs.Select(input => input.requires_grad ? input.grad?.DetachFromDisposeScope() : null)];
        }
    }
}
