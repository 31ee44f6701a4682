using static TorchSharp.torch;

namespace NexusGen.Diffusion;

/// <summary>
/// Decodes latents tile by tile, so that memory does not grow with the picture. Tiles overlap, and where they do the picture
/// fades from one to the next in a straight line. One tile for a picture that fits in one.
/// </summary>
public sealed class TiledDecoding : IDisposable
{
    private readonly AutoencoderDecoder _decoder;
    private readonly Tensor _latents;
    private readonly List<(long Top, long Left)> _tiles = [];
    private readonly long _height;
    private readonly long _width;
    private readonly int _overlap;
    private Tensor? _sum;
    private Tensor? _weights;

    /// <summary>A decoding that has not begun.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="latents">[1, 16, height, width].</param>
    /// <param name="tile">Side of a tile in latents; officially 128.</param>
    /// <param name="overlap">How many latents neighbouring tiles share; officially 64.</param>
    public TiledDecoding(AutoencoderDecoder decoder, Tensor latents, int tile = 128, int overlap = 64)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(overlap, tile);
        ArgumentOutOfRangeException.ThrowIfNegative(overlap);
        _decoder = decoder;
        _latents = latents.alias().DetachFromDisposeScope();
        _height = Math.Min(tile, latents.shape[2]);
        _width = Math.Min(tile, latents.shape[3]);
        _overlap = overlap;
        foreach (long top in Starts(latents.shape[2], tile, overlap))
        {
            foreach (long left in Starts(latents.shape[3], tile, overlap))
            {
                _tiles.Add((top, left));
            }
        }
    }

    /// <summary>How many tiles there are.</summary>
    public int Count => _tiles.Count;

    /// <summary>How many tiles are decoded.</summary>
    public int Completed { get; private set; }

    /// <summary>The picture, [1, 3, 8·height, 8·width], once all tiles are decoded; the caller's.</summary>
    public Tensor Result
    {
        get
        {
            if (Completed < Count)
            {
                throw new InvalidOperationException($"Only {Completed} of {Count} tiles are decoded.");
            }

            return _weights is null ? _sum!.alias() : _sum! / _weights;
        }
    }

    /// <summary>Decodes the next tile.</summary>
    /// <returns>Whether there are more.</returns>
    public bool Step()
    {
        using var scope = NewDisposeScope();
        (long top, long left) = _tiles[Completed];
        Tensor tile = _decoder.Forward(_latents.narrow(2, top, _height).narrow(3, left, _width));
        if (Count == 1)
        {
            _sum = tile.DetachFromDisposeScope();
        }
        else
        {
            Blend(tile, top, left);
        }

        return ++Completed < Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _latents.Dispose();
        _sum?.Dispose();
        _weights?.Dispose();
    }

    // Where tiles begin: a stride apart, the last one at the end.
    private static IEnumerable<long> Starts(long length, int tile, int overlap)
    {
        long start = 0;
        while (start + tile < length)
        {
            yield return start;
            start += tile - overlap;
        }

        yield return Math.Max(0, length - tile);
    }

    private void Blend(Tensor tile, long top, long left)
    {
        int scale = _decoder.Configuration.Downscale;
        long height = _latents.shape[2] * scale, width = _latents.shape[3] * scale;
        _sum ??= zeros([1, tile.shape[1], height, width], dtype: tile.dtype, device: tile.device).DetachFromDisposeScope();
        _weights ??= zeros([1, 1, height, width], dtype: ScalarType.Float32, device: tile.device).DetachFromDisposeScope();
        Tensor weight = Ramp(tile.shape[2], top > 0, top + _height < _latents.shape[2], scale).view(-1, 1)
            * Ramp(tile.shape[3], left > 0, left + _width < _latents.shape[3], scale).view(1, -1);
        Tensor Place(Tensor whole) => whole.narrow(2, top * scale, tile.shape[2]).narrow(3, left * scale, tile.shape[3]);
        weight = weight.to(tile.device);
        Place(_sum).add_(tile * weight.to(tile.dtype));
        Place(_weights).add_(weight);
    }

    // Rising where a tile begins inside the picture, falling where it ends inside.
    private Tensor Ramp(long length, bool rises, bool falls, int scale)
    {
        Tensor ramp = ones(length);
        long edge = Math.Min((long)_overlap * scale, length);
        if (edge > 0)
        {
            Tensor line = arange(1, edge + 1, dtype: ScalarType.Float32) / (edge + 1);
            if (rises)
            {
                ramp.narrow(0, 0, edge).mul_(line);
            }

            if (falls)
            {
                ramp.narrow(0, length - edge, edge).mul_(line.flip(0));
            }
        }

        return ramp;
    }
}
