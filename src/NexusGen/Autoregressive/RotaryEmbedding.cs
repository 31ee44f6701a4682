using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Autograd;
using NexusGen.Torch.Kernels;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Rotary positions on three axes (mRoPE, arXiv 2409.12191): the frequencies of a head are shared out in sections among time,
/// row and column. Positions may be real numbers.
/// </summary>
public sealed class RotaryEmbedding
{
    private readonly int _width;
    private readonly double _theta;
    private readonly long[] _axes;

    /// <summary>An embedding for heads of a width.</summary>
    /// <param name="headWidth">Width of a head.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="sections">How many frequencies each axis has, half the head's width in all.</param>
    public RotaryEmbedding(int headWidth, double theta, IReadOnlyList<int> sections)
    {
        _width = headWidth;
        _theta = theta;
        if (sections.Count != 3 || sections.Any(count => count < 0) || sections.Sum(count => 2L * count) != headWidth)
        {
            throw new NexusGenException(
                $"mrope_section [{string.Join(", ", sections)}] must give the {headWidth / 2} frequencies of a head of width {headWidth} to three axes.");
        }

        _axes = [.. sections.SelectMany((count, axis) => Enumerable.Repeat((long)axis, count))];
    }

    /// <summary>Rotates the two halves of each head's vectors, which nobody else will read: their memory may be used again.</summary>
    /// <param name="x">[batch, tokens, heads, width].</param>
    /// <param name="cos">Cosines, [batch, tokens, 1, width].</param>
    /// <param name="sin">Sines.</param>
    public static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        if (HalfRotationKernel.Fits(x, cos, sin))
        {
            HalfRotationKernel.Run(x, cos, sin, x);
            return x;
        }

        if (Kernel.IsRecorded(x) && !Kernel.IsRecorded(cos, sin) && HalfRotationKernel.Takes(x, cos, sin))
        {
            return RecordedRotation.apply(x, cos, sin);
        }

        long half = x.shape[^1] / 2;
        Tensor turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return (x * cos).Plus(turned * sin);
    }

    /// <summary>Cosines and sines of positions.</summary>
    /// <param name="positions">[3, batch, length], integers or reals.</param>
    /// <param name="type">The type of the result; angles are computed in float32.</param>
    /// <param name="device">The device of the result.</param>
    /// <returns>Two tensors [batch, length, 1, head width].</returns>
    public (Tensor Cos, Tensor Sin) Angles(Tensor positions, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor exponents = arange(Scalars.Of(0), Scalars.Of(_width), Scalars.Of(2), dtype: ScalarType.Float32) / Scalars.Of(_width);
        Tensor frequencies = (Scalars.Of(1.0) / pow(_theta, exponents)).to(device);

        // [batch, length, frequencies]: for each frequency the position on its axis.
        Tensor chosen = positions.to(ScalarType.Float32, device).index_select(0, tensor(_axes).to(device)).permute(1, 2, 0);
        Tensor angles = chosen * frequencies;
        angles = cat([angles, angles], -1).unsqueeze(2);
        return (angles.cos().to(type).MoveToOuterDisposeScope(), angles.sin().to(type).MoveToOuterDisposeScope());
    }
}
