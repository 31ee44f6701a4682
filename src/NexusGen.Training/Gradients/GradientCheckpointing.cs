using NexusGen.Torch.Autograd;
using NexusGen.Weights.Modules;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Training.Gradients;

/// <summary>
/// Gradient checkpointing (arXiv 1604.06174): only the inputs of a block are kept, and its activations are recomputed when the
/// backward pass reaches it. This trades time for memory: a third more computation, but activations of only one block at a time.
/// </summary>
/// <remarks>
/// A block must compute the same result both times. Everything it uses that leads to a gradient elsewhere must be among its
/// inputs, except parameters, which may be used freely. A streamed block must be requested inside the block function. Use
/// <see cref="Backward"/> for the backward pass, which also rethrows exceptions that a block raises while it is recomputed.
/// </remarks>
internal static class GradientCheckpointing
{
    /// <summary>Runs a block with one input and one output.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The input.</param>
    /// <returns>The output.</returns>
    public static Tensor Run(Func<Tensor, Tensor> block, Tensor input) => Run(inputs => [block(inputs[0])], input)[0];

    /// <summary>Runs a block.</summary>
    /// <param name="block">The block. All its outputs must be floating-point tensors.</param>
    /// <param name="inputs">The inputs. No gradients are computed for integer inputs and those that require none.</param>
    /// <returns>The outputs.</returns>
    public static IReadOnlyList<Tensor> Run(Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block, params Tensor[] inputs)
    {
        if (!is_grad_enabled())
        {
            return block(inputs);
        }

        // The block's parameters are not inputs of the function. An input that requires a gradient is needed to put it into the
        // graph.
        using Tensor anchor = zeros(0, requires_grad: true);
        return Recomputed.apply([block, anchor, .. inputs]);
    }

    /// <summary>Runs the backward pass from a loss, on the thread that computed it.</summary>
    /// <param name="loss">A scalar.</param>
    public static void Backward(Tensor loss)
    {
        loss.backward();
        BackwardFailures.Current.ThrowFirst();
    }

    private sealed class Recomputed : MultiTensorFunction<Recomputed>
    {
        private const string Block = "block", Failures = "failures", Dropout = "dropout";

        // The autograd engine copies the handles of the returned gradients after the call. Those of the previous call can
        // therefore be disposed in the next one.
        [ThreadStatic]
        private static List<Tensor?>? _returned;

        public override string Name => nameof(Recomputed);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            List<Tensor> inputs = [.. vars.Skip(2).Cast<Tensor>()];
            ctx.set_materialize_grads(false);
            ctx.save_data(Block, vars[0]);
            ctx.save_data(Failures, BackwardFailures.Current);
            ctx.save_data(Dropout, DropoutSeed.Current);
            ctx.save_for_backward(inputs);
            using var scope = NewDisposeScope();
            return
            [
                .. ((Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>)vars[0])(inputs)
                    .Select(output => output.MoveToOuterDisposeScope())
            ];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            _returned?.ForEach(gradient => gradient?.Dispose());
            List<Tensor> saved = ctx.get_saved_variables();
            var block = (Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>)ctx.get_data(Block);
            var failures = (BackwardFailures)ctx.get_data(Failures);
            List<Tensor?> gradients;
            try
            {
                // The engine may use a thread of its own.
                using IDisposable dropout = DropoutSeed.Enter((ulong?)ctx.get_data(Dropout));
                gradients = failures.Run(() => Gradients(block, saved, grad_outputs));
            }
            catch (Exception e)
            {
                failures.Add(e);
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
