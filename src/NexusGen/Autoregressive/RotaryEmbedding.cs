using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Autograd;
using NexusGen.Torch.Kernels;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Rotary position embedding on three axes (mRoPE, arXiv 2409.12191): the frequencies of a head are divided into sections for
/// time, row and column. Positions may be real numbers.
/// </summary>
internal sealed class RotaryEmbedding
{
    private readonly int _width;
    private readonly double _theta;
    private readonly long[] _axes;

    /// <summary>Initializes the embedding for one width of heads.</summary>
    /// <param name="headWidth">The width of a head.</param>
    /// <param name="theta">The base of the frequencies.</param>
    /// <param name="sections">The number of frequencies of each axis; together half the width of a head.</param>
    public RotaryEmbedding(int headWidth, double theta, IReadOnlyList<int> sections)
    {
        _width = headWidth;
        _theta = theta;
        if (sections.Count != 3 || sections.Any(count => count < 0) || sections.Sum(count => 2L * count) != headWidth)
        {
            throw new NexusGenException(
                $"mrope_section [{string.Join(", ", sections)}] must give the {headWidth / 2} frequencies of a head of width "
                + $"{headWidth} to three axes.");
        }

        _axes = [.. sections.SelectMany((count, axis) => Enumerable.Repeat((long)axis, count))];
    }

    /// <summary>
    /// Rotates the vectors of each head, whose two halves form the pairs of coordinates. May overwrite <paramref name="x"/>, so
    /// nothing may read it afterwards.
    /// </summary>
    /// <param name="x">The queries or keys, [batch, tokens, heads, width].</param>
    /// <param name="cos">The cosines of the angles, [batch, tokens, 1, width].</param>
    /// <param name="sin">The sines of the angles, in the same shape.</param>
    public static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        if (HalfRotationKernel.SupportsInference(x, cos, sin))
        {
            HalfRotationKernel.Run(x, cos, sin, x);
            return x;
        }

        if (Kernel.RequiresGradient(x) && !Kernel.RequiresGradient(cos, sin) && HalfRotationKernel.Supports(x, cos, sin))
        {
            return RotaryFunction.apply(x, cos, sin);
        }

        long half = x.shape[^1] / 2;
        Tensor turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return (x * cos).Plus(turned * sin);
    }

    /// <summary>Computes the cosines and sines of the angles of positions.</summary>
    /// <param name="positions">The positions, [3, batch, length], integers or real numbers.</param>
    /// <param name="type">The element type of the result; angles are computed in float32.</param>
    /// <param name="device">The device of the result.</param>
    /// <returns>Two tensors [batch, length, 1, head width].</returns>
    public (Tensor Cos, Tensor Sin) Angles(Tensor positions, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor exponents = arange(Scalars.Of(0), Scalars.Of(_width), Scalars.Of(2), dtype: ScalarType.Float32)
            / Scalars.Of(_width);
        Tensor frequencies = (Scalars.Of(1.0) / pow(_theta, exponents)).to(device);

        // [batch, length, frequencies]: the position on the axis of each frequency.
        Tensor chosen = positions.to(ScalarType.Float32, device).index_select(0, tensor(_axes).to(device)).permute(1, 2, 0);
        Tensor angles = chosen * frequencies;
        angles = cat([angles, angles], -1).unsqueeze(2);
        return (angles.cos().to(type).MoveToOuterDisposeScope(), angles.sin().to(type).MoveToOuterDisposeScope());
    }
}
