using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>
/// Decodes latents tile by tile, so that memory grows with the tile and no longer with the picture (whose pixels alone are
/// kept), and a long decoding can be stopped between two tiles. Tiles overlap, and where they do the picture fades from one to
/// the next in a straight line, much as in DiffSynth's tiler. A picture that fits in one tile is decoded as without tiles.
/// </summary>
public sealed class TiledDecoding : IDisposable
{
    private readonly AutoencoderDecoder _decoder;
    private readonly Tensor _latents;
    private readonly Axis _rows;
    private readonly Axis _columns;
    private Tensor? _picture;

    /// <summary>A decoding that has not begun.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="latents">[batch, 16, height, width]; the caller's, who may dispose it at once.</param>
    /// <param name="tile">Side of a tile in latents; officially 128.</param>
    /// <param name="overlap">How many latents neighbouring tiles share at least; officially 64.</param>
    public TiledDecoding(AutoencoderDecoder decoder, Tensor latents, int tile = 128, int overlap = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(overlap);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(overlap, tile);
        _decoder = decoder;
        _latents = latents.alias().DetachFromDisposeScope();
        _rows = new Axis(latents.shape[2], tile, overlap, decoder.Configuration.Downscale);
        _columns = new Axis(latents.shape[3], tile, overlap, decoder.Configuration.Downscale);
    }

    /// <summary>How many tiles there are.</summary>
    public int Count => _rows.Count * _columns.Count;

    /// <summary>How many tiles are decoded.</summary>
    public int Completed { get; private set; }

    /// <summary>The picture, [batch, 3, 8·height, 8·width] in the decoder's precision, once all tiles are decoded; the caller's.</summary>
    /// <exception cref="InvalidOperationException">Tiles are missing.</exception>
    public Tensor Result
    {
        get
        {
            if (Completed < Count || _picture is null)
            {
                throw new InvalidOperationException($"Only {Completed} of {Count} tiles are decoded.");
            }

            ScalarType precision = _decoder.Placement.Precision;
            return _picture.dtype == precision ? _picture.alias() : _picture.to(precision);
        }
    }

    /// <summary>Decodes the next tile.</summary>
    /// <returns>Whether there are more.</returns>
    /// <exception cref="InvalidOperationException">There was none left.</exception>
    public bool Step()
    {
        if (Completed == Count)
        {
            throw new InvalidOperationException($"All {Count} tiles are decoded.");
        }

        using var scope = NewDisposeScope();
        (int row, int column) = Math.DivRem(Completed, _columns.Count);
        Tensor tile = _decoder.Forward(_columns.Cut(_rows.Cut(_latents, 2, row), 3, column));
        if (Count == 1)
        {
            _picture = tile.DetachFromDisposeScope();
        }
        else
        {
            Blend(tile, row, column);
        }

        return ++Completed < Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _latents.Dispose();
        _picture?.Dispose();
    }

    // In float32: in 16 bits the shares of a pixel would be rounded each by itself.
    private void Blend(Tensor tile, int row, int column)
    {
        _picture ??= zeros([tile.shape[0], tile.shape[1], _rows.Pixels, _columns.Pixels], dtype: ScalarType.Float32, device: tile.device)
            .DetachFromDisposeScope();
        Tensor share = _rows.Share(row).view(-1, 1) * _columns.Share(column);
        _columns.Place(_rows.Place(_picture, 2, row), 3, column).AddInPlace(tile * share.to(tile.device));
    }

    /// <summary>One axis of a picture, cut into pieces that overlap.</summary>
    private sealed class Axis
    {
        private readonly List<long> _starts = [];
        private readonly long _piece;
        private readonly float[] _whole;
        private readonly int _ramp;
        private readonly int _scale;

        public Axis(long length, int tile, int overlap, int scale)
        {
            _piece = Math.Min(tile, length);
            _scale = scale;
            _ramp = overlap * scale;
            for (long start = 0; start + tile < length; start += tile - overlap)
            {
                _starts.Add(start);
            }

            // The last piece ends with the picture, and so may share more than the others.
            _starts.Add(length - _piece);
            Pixels = length * scale;
            _whole = new float[Pixels];
            for (int i = 0; i < Count; i++)
            {
                for (long x = 0; x < _piece * scale; x++)
                {
                    _whole[(_starts[i] * scale) + x] += Weight(i, x);
                }
            }
        }

        public int Count => _starts.Count;

        public long Pixels { get; }

        public Tensor Cut(Tensor latents, int dimension, int piece) => latents.narrow(dimension, _starts[piece], _piece);

        public Tensor Place(Tensor picture, int dimension, int piece) =>
            picture.narrow(dimension, _starts[piece] * _scale, _piece * _scale);

        /// <summary>How much of each pixel of a piece comes from it; over all pieces this adds up to 1.</summary>
        public Tensor Share(int piece)
        {
            float[] share = new float[_piece * _scale];
            for (long x = 0; x < share.Length; x++)
            {
                share[x] = Weight(piece, x) / _whole[(_starts[piece] * _scale) + x];
            }

            return tensor(share);
        }

        // Rising from where the piece begins inside the picture, falling to where it ends inside.
        private float Weight(int piece, long x)
        {
            long fromStart = piece == 0 ? _ramp : x + 1, fromEnd = piece == Count - 1 ? _ramp : (_piece * _scale) - x;
            return _ramp == 0 ? 1 : Math.Min(_ramp, Math.Min(fromStart, fromEnd)) / (float)_ramp;
        }
    }
}
