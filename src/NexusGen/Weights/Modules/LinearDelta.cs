using NexusGen.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Weights.Modules;

/// <summary>A low-rank update of a linear layer (LoRA, arXiv 2106.09685): scale · up·down is added to its weight.</summary>
/// <param name="Down">[rank, in], or [rows, rank, in] for an update of its own for each row of a batch.</param>
/// <param name="Up">[out, rank], or [rows, out, rank].</param>
/// <param name="Scale">The scale, α/rank in the paper.</param>
internal sealed record LinearDelta(Tensor Down, Tensor Up, double Scale)
{
    /// <summary>Computes what the update adds to the output of the layer.</summary>
    /// <param name="input">[…, in]; with updates for rows, [rows, …, in].</param>
    /// <returns>[…, out] in the input's type.</returns>
    /// <exception cref="ArgumentException">The input has another number of rows than the update.</exception>
    public Tensor Apply(Tensor input)
    {
        if (Down.ndim == 3)
        {
            return ApplyToRows(input);
        }

        using Tensor inner = F.linear(input, Down.to(input.dtype));
        return F.linear(inner, Up.to(input.dtype)) * Scalars.Of(Scale);
    }

    private Tensor ApplyToRows(Tensor input)
    {
        long rows = Down.shape[0];
        if (input.shape[0] != rows)
        {
            throw new ArgumentException(
                $"The low-rank delta has {rows} rows, but the input has {input.shape[0]}.", nameof(input));
        }

        using var scope = NewDisposeScope();
        Tensor inner = input.reshape(rows, -1, input.shape[^1]).bmm(Down.to(input.dtype).transpose(1, 2));
        Tensor output = inner.bmm(Up.to(input.dtype).transpose(1, 2)) * Scalars.Of(Scale);
        return output.view([.. input.shape.AsSpan()[..^1], Up.shape[1]]).MoveToOuterDisposeScope();
    }
}
