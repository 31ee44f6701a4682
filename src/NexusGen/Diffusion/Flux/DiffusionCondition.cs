using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>The conditioning input of the transformer: one row, or one row for each image of a batch.</summary>
/// <param name="Context">[rows, tokens, context width].</param>
/// <param name="Pooled">[rows, pooled width].</param>
/// <param name="TextIds">[rows, tokens, 3], floating-point.</param>
internal sealed record DiffusionCondition(Tensor Context, Tensor Pooled, Tensor TextIds) : IDisposable
{
    /// <summary>Detaches the tensors from the current dispose scope and returns this condition.</summary>
    public DiffusionCondition Detach()
    {
        Context.DetachFromDisposeScope();
        Pooled.DetachFromDisposeScope();
        TextIds.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Moves the tensors to the enclosing dispose scope and returns this condition.</summary>
    public DiffusionCondition MoveToOuterScope()
    {
        Context.MoveToOuterDisposeScope();
        Pooled.MoveToOuterDisposeScope();
        TextIds.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Context.Dispose();
        Pooled.Dispose();
        TextIds.Dispose();
    }

    /// <summary>Returns one row of the condition, or the only row if there is just one.</summary>
    internal DiffusionCondition Row(int row) =>
        new(Pick(Context, row), Pick(Pooled, row), Pick(TextIds, row));

    /// <summary>Returns the condition expanded to a number of rows.</summary>
    internal DiffusionCondition Expand(long rows) => new(Repeat(Context, rows), Repeat(Pooled, rows), Repeat(TextIds, rows));

    private static Tensor Pick(Tensor x, int row) => x.narrow(0, x.shape[0] == 1 ? 0 : row, 1);

    private static Tensor Repeat(Tensor x, long rows) => x.shape[0] == rows ? x : x.expand([rows, .. x.shape[1..]]);
}
