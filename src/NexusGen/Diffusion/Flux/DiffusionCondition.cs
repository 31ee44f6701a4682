using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>What the transformer is told of the picture: one row, or one for each picture of a batch.</summary>
/// <param name="Context">[rows, tokens, context width].</param>
/// <param name="Pooled">[rows, pooled width].</param>
/// <param name="TextIds">[rows, tokens, 3], real numbers.</param>
public sealed record DiffusionCondition(Tensor Context, Tensor Pooled, Tensor TextIds) : IDisposable
{
    /// <summary>The same condition out of the current dispose scope.</summary>
    public DiffusionCondition Detach()
    {
        Context.DetachFromDisposeScope();
        Pooled.DetachFromDisposeScope();
        TextIds.DetachFromDisposeScope();
        return this;
    }

    /// <summary>The same condition in the dispose scope around the current one.</summary>
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

    /// <summary>One row of it, or all of it where there is only one.</summary>
    internal DiffusionCondition Row(int row) =>
        new(Pick(Context, row), Pick(Pooled, row), Pick(TextIds, row));

    /// <summary>The condition for a number of rows.</summary>
    internal DiffusionCondition Expand(long rows) => new(Repeat(Context, rows), Repeat(Pooled, rows), Repeat(TextIds, rows));

    private static Tensor Pick(Tensor x, int row) => x.narrow(0, x.shape[0] == 1 ? 0 : row, 1);

    private static Tensor Repeat(Tensor x, long rows) => x.shape[0] == rows ? x : x.expand([rows, .. x.shape[1..]]);
}
