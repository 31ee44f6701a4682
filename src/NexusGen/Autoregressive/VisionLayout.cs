using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// The layout of the patches of images: their order by windows, the segments of rows within which attention is computed, and the
/// rotary angles (<c>get_window_index</c> and <c>rot_pos_emb</c> of Qwen2.5-VL).
/// </summary>
internal sealed class VisionLayout
{
    private readonly List<(long Row, long Column)> _places = [];
    private readonly VisionConfiguration _configuration;

    public VisionLayout(IReadOnlyList<GridThw> grids, VisionConfiguration configuration)
    {
        foreach (GridThw grid in grids)
        {
            RopeIndex.Check(grid, configuration.SpatialMergeSize);
        }

        _configuration = configuration;
        int merge = configuration.SpatialMergeSize, unit = merge * merge;
        int window = configuration.WindowSize / merge / configuration.PatchSize;
        List<long> units = [];
        List<long> windows = [], frames = [];
        long first = 0;
        foreach (GridThw grid in grids)
        {
            long rows = grid.H / merge, columns = grid.W / merge;
            for (long frame = 0; frame < grid.T; frame++)
            {
                AddPlaces(rows, columns, merge);
                AddWindows(units, windows, first, rows, columns, window, unit);
                frames.Add(rows * columns * unit);
                first += rows * columns;
            }
        }

        long[] order = [.. units.SelectMany(u => Enumerable.Range(0, unit).Select(i => (u * unit) + i))];
        long[] back = new long[units.Count];
        for (int i = 0; i < units.Count; i++)
        {
            back[units[i]] = i;
        }

        PatchOrder = tensor(order);
        EmbeddingOrder = tensor(back);
        Windows = Segments(windows);
        Frames = Segments(frames);
    }

    /// <summary>Gets the index of the patch at each position of the order by windows.</summary>
    public Tensor PatchOrder { get; }

    /// <summary>Gets the position in the order by windows of each embedding, in the order of the images.</summary>
    public Tensor EmbeddingOrder { get; }

    /// <summary>Gets the windows, as runs of windows of the same length in rows.</summary>
    public IReadOnlyList<(long Count, long Length)> Windows { get; }

    /// <summary>Gets the frames, as runs of frames of the same length in rows.</summary>
    public IReadOnlyList<(long Count, long Length)> Frames { get; }

    /// <summary>
    /// Computes the cosines and sines of the rotary angles, [1, patches, 1, head width], in the given order of patches.
    /// </summary>
    public (Tensor Cos, Tensor Sin) Rotary(double theta, ScalarType type, Device device, Tensor order)
    {
        int width = _configuration.HiddenSize / _configuration.NumHeads, quarter = width / 4;
        Tensor exponents = arange(Scalars.Of(0), Scalars.Of(quarter * 2), Scalars.Of(2), dtype: ScalarType.Float32)
            / Scalars.Of(quarter * 2);
        Tensor frequencies = Scalars.Of(1.0) / pow(theta, exponents);
        Tensor rows = tensor(_places.Select(place => (float)place.Row).ToArray()).unsqueeze(1) * frequencies;
        Tensor columns = tensor(_places.Select(place => (float)place.Column).ToArray()).unsqueeze(1) * frequencies;
        Tensor angles = cat([rows, columns, rows, columns], 1).to(device).index_select(0, order).unsqueeze(1).unsqueeze(0);
        return (angles.cos().to(type), angles.sin().to(type));
    }

    // The image processor orders the patches by blocks of merge × merge.
    private void AddPlaces(long rows, long columns, int merge)
    {
        for (long row = 0; row < rows; row++)
        {
            for (long column = 0; column < columns; column++)
            {
                for (int i = 0; i < merge * merge; i++)
                {
                    _places.Add(((row * merge) + (i / merge), (column * merge) + (i % merge)));
                }
            }
        }
    }

    // The windows of a frame are ordered by size: windows of one size attend as one batch, and only those at the border are
    // smaller.
    private static void AddWindows(
        List<long> units, List<long> windows, long first, long rows, long columns, int window, int unit)
    {
        List<long[]> found = [];
        for (long top = 0; top < rows; top += window)
        {
            for (long left = 0; left < columns; left += window)
            {
                long bottom = Math.Min(top + window, rows), right = Math.Min(left + window, columns), width = right - left;
                long[] inside = new long[(bottom - top) * width];
                for (long i = 0; i < inside.Length; i++)
                {
                    inside[i] = first + ((top + (i / width)) * columns) + left + (i % width);
                }

                found.Add(inside);
            }
        }

        foreach (long[] inside in found.OrderByDescending(inside => inside.Length))
        {
            units.AddRange(inside);
            windows.Add(inside.Length * unit);
        }
    }

    // Combines neighbours of the same length, which attend as one batch.
    private static List<(long Count, long Length)> Segments(List<long> lengths)
    {
        List<(long Count, long Length)> runs = [];
        foreach (long length in lengths)
        {
            if (runs.Count > 0 && runs[^1].Length == length)
            {
                runs[^1] = (runs[^1].Count + 1, length);
            }
            else
            {
                runs.Add((1, length));
            }
        }

        return runs;
    }
}
