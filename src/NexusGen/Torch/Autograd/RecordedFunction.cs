using static TorchSharp.torch.autograd;
using static TorchSharp.torch;

namespace NexusGen.Torch.Autograd;

/// <summary>
/// A fused pass that autograd records as one operator, with a fused backward pass of its own: less memory is read and written
/// than by the operators of ATen that it stands for, whose steps are each a pass.
/// </summary>
/// <typeparam name="TSelf">The function itself.</typeparam>
internal abstract class RecordedFunction<TSelf> : SingleTensorFunction<TSelf>
    where TSelf : RecordedFunction<TSelf>, new()
{
    private const string Inputs = "inputs";

    // The engine copies the returned gradients' handles after the call, so the previous call's can go at the next one.
    [ThreadStatic]
    private static List<Tensor?>? _returned;

    /// <inheritdoc/>
    public override string Name => typeof(TSelf).Name;

    /// <inheritdoc/>
    public sealed override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        // As many gradients are asked for, those of inputs that are no tensors too.
        ctx.save_data(Inputs, vars.Length);
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
            BackwardFailures.Add(e);
        }

        saved.ForEach(tensor => tensor.Dispose());
        grad_output.Dispose();
        _returned = gradients;
        int inputs = (int)ctx.get_data(Inputs);
        return [.. Enumerable.Range(0, inputs).Select(i => i < gradients.Count ? gradients[i]! : null!)];
    }

    /// <summary>The forward pass, without a graph.</summary>
    /// <param name="ctx">Keeps what the backward pass needs.</param>
    /// <param name="inputs">What the function was applied to.</param>
    protected abstract Tensor Compute(AutogradContext ctx, object[] inputs);

    /// <summary>The gradients of the first inputs; null where there is none.</summary>
    /// <param name="ctx">What the forward pass kept.</param>
    /// <param name="saved">The tensors that it saved.</param>
    /// <param name="gradient">The gradient of its result.</param>
    protected abstract IEnumerable<Tensor?> Gradients(AutogradContext ctx, List<Tensor> saved, Tensor gradient);
}
