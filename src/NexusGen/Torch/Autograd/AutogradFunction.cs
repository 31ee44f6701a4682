using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// A fused operator that autograd records as one node with a fused backward pass. It reads and writes less memory than the ATen
/// operators that it replaces, each of which makes its own pass over memory.
/// </summary>
/// <typeparam name="TSelf">The derived class itself.</typeparam>
internal abstract class AutogradFunction<TSelf> : SingleTensorFunction<TSelf>
    where TSelf : AutogradFunction<TSelf>, new()
{
    private const string Inputs = "inputs", Failures = "failures";

    // The engine copies the handles of the returned gradients after the call, so those of the previous call are disposed at the
    // next one.
    [ThreadStatic]
    private static List<Tensor?>? _returned;

    /// <inheritdoc/>
    public override string Name => typeof(TSelf).Name;

    /// <inheritdoc/>
    public sealed override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        // The engine expects one gradient per input, also for inputs that are not tensors.
        ctx.save_data(Inputs, vars.Length);
        ctx.save_data(Failures, BackwardFailures.Current);
        return Compute(ctx, vars);
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        _returned?.ForEach(gradient => gradient?.Dispose());
        List<Tensor> saved = ctx.get_saved_variables();
        List<Tensor?> gradients = [];
        try
        {
            using var scope = NewDisposeScope();
            gradients = [.. Gradients(ctx, saved, grad_output).Select(gradient => gradient?.DetachFromDisposeScope())];
        }
        catch (Exception e)
        {
            ((BackwardFailures)ctx.get_data(Failures)).Add(e);
        }

        saved.ForEach(tensor => tensor.Dispose());
        grad_output.Dispose();
        _returned = gradients;
        int inputs = (int)ctx.get_data(Inputs);
        return [.. Enumerable.Range(0, inputs).Select(i => i < gradients.Count ? gradients[i]! : null!)];
    }

    /// <summary>Computes the forward pass. Autograd does not record its operations.</summary>
    /// <param name="ctx">Saves what the backward pass needs.</param>
    /// <param name="inputs">The arguments that the function was applied to.</param>
    protected abstract Tensor Compute(AutogradContext ctx, object[] inputs);

    /// <summary>
    /// Computes the gradients of the first inputs, with null for an input that has none. The other inputs get no gradient.
    /// </summary>
    /// <param name="ctx">Holds what the forward pass saved.</param>
    /// <param name="saved">The tensors that the forward pass saved.</param>
    /// <param name="gradient">The gradient of the result.</param>
    protected abstract IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient);
}
