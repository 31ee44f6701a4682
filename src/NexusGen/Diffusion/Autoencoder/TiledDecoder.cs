using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Autoencoder;

/// <summary>
/// Decodes latents tile by tile. Memory grows with the size of a tile instead of the image (except for the pixels themselves),
/// and a long decode can be stopped between two tiles. In the overlap of two tiles, the image is blended linearly, much like in
/// the tiler of DiffSynth. An image that fits in one tile is decoded without tiling.
/// </summary>
internal sealed class TiledDecoder : IDisposable
{
    private readonly AutoencoderDecoder _decoder;
    private readonly Tensor _latents;
    private readonly Axis _rows;
    private readonly Axis _columns;
    private Tensor? _picture;

    /// <summary>Initializes a tiled decode without starting it.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="latents">[batch, 16, height, width]. The caller owns the tensor and can dispose it immediately.</param>
    /// <param name="tile">The side of a tile in latents, 128 in the official code.</param>
    /// <param name="overlap">The minimum number of latents that adjacent tiles share, 64 in the official code.</param>
    public TiledDecoder(AutoencoderDecoder decoder, Tensor latents, int tile = 128, int overlap = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(overlap);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(overlap, tile);
        _decoder = decoder;
        _latents = latents.alias().DetachFromDisposeScope();
        _rows = new Axis(latents.shape[2], tile, overlap, decoder.Configuration.Downscale);
        _columns = new Axis(latents.shape[3], tile, overlap, decoder.Configuration.Downscale);
    }

    /// <summary>Gets the number of tiles.</summary>
    public int Count => _rows.Count * _columns.Count;

    /// <summary>Gets the number of decoded tiles.</summary>
    public int Completed { get; private set; }

    /// <summary>
    /// Gets the image, [batch, 3, 8·height, 8·width] in the precision of the decoder, after all tiles are decoded. The caller
    /// owns the tensor and must dispose it.
    /// </summary>
    /// <exception cref="InvalidOperationException">Not all tiles are decoded.</exception>
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
    /// <returns>true if there are more tiles; otherwise, false.</returns>
    /// <exception cref="InvalidOperationException">All tiles are already decoded.</exception>
    public bool Step()
    {
        if (Completed == Count)
        {
            throw new InvalidOperationException($"All {Count} tiles have been decoded.");
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

    // In float32, because in 16 bits each tile's share of a pixel would be rounded separately.
    private void Blend(Tensor tile, int row, int column)
    {
        _picture ??= zeros(
            [tile.shape[0], tile.shape[1], _rows.Pixels, _columns.Pixels],
            dtype: ScalarType.Float32,
            device: tile.device).DetachFromDisposeScope();
        Tensor share = _rows.Share(row).view(-1, 1) * _columns.Share(column);
        _columns.Place(_rows.Place(_picture, 2, row), 3, column).AddInPlace(tile * share.to(tile.device));
    }

    /// <summary>One axis of an image, divided into overlapping pieces.</summary>
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

            // The last piece ends at the image border, so it can overlap more than the others.
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

        /// <summary>
        /// Returns the contribution of a piece to each of its pixels. The contributions of all pieces add up to 1.
        /// </summary>
        public Tensor Share(int piece)
        {
            float[] share = new float[_piece * _scale];
            for (long x = 0; x < share.Length; x++)
            {
                share[x] = Weight(piece, x) / _whole[(_starts[piece] * _scale) + x];
            }

            return tensor(share);
        }

        // Rises at the start and falls at the end of a piece, except at the border of the image.
        private float Weight(int piece, long x)
        {
            long fromStart = piece == 0 ? _ramp : x + 1, fromEnd = piece == Count - 1 ? _ramp : (_piece * _scale) - x;
            return _ramp == 0 ? 1 : Math.Min(_ramp, Math.Min(fromStart, fromEnd)) / (float)_ramp;
        }
    }
}
