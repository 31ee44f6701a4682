using System.Numerics;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// Finds what stands in the windows of cells: all candidates at quarter size, the best of them at half size in every place, the
/// best of those at full size.
/// </summary>
internal sealed class CellReader(ThingBackground background)
{
    private const int HalfCandidates = 24;
    private const int Finalists = 5;

    private readonly float[] _template = new float[4 * TemplateBank.HalfArea];

    /// <summary>Fits the finalists of each window.</summary>
    /// <param name="windows">The windows.</param>
    /// <returns>The fits of each, the best first.</returns>
    public List<SpriteFit>[] Read(IReadOnlyList<CellWindow> windows)
    {
        int[] visible = [.. Enumerable.Range(0, ThingCandidate.All.Length).Where(index => IsVisible(ThingCandidate.All[index]))];
        float[][] errors = [.. windows.Select(_ => new float[visible.Length])];

        // All windows share a pass: the templates are more than a processor's cache holds.
        for (int i = 0; i < visible.Length; i++)
        {
            for (int k = 0; k < windows.Count; k++)
            {
                errors[k][i] = TemplateBank.Instance.Error(visible[i], windows[k]);
            }
        }

        return [.. windows.Select((window, k) => Fit(window, errors[k], visible))];
    }

    private bool IsVisible(ThingCandidate candidate) => !background.Hides(candidate.Thing, candidate.Colour);

    private List<SpriteFit> Fit(CellWindow window, float[] errors, int[] candidates)
    {
        Array.Sort(errors, candidates = [.. candidates]);
        var placed = candidates.Take(HalfCandidates).Select(index => (index, place: Place(index, window)));
        return [.. placed.OrderBy(one => one.place.Error).Take(Finalists)
            .Select(one => SpriteFit.Of(ThingCandidate.All[one.index], window, one.place.X, one.place.Y))
            .OrderBy(fit => fit.Error)];
    }

    // The best place of a template at half size, in pixels of the full size.
    private (float Error, int X, int Y) Place(int index, CellWindow window)
    {
        TemplateBank.Instance.CopyHalf(index, _template);
        (float Error, int X, int Y) best = (float.MaxValue, 0, 0);
        for (int y = -TemplateBank.HalfMargin; y <= TemplateBank.HalfMargin; y++)
        {
            for (int x = -TemplateBank.HalfMargin; x <= TemplateBank.HalfMargin; x++)
            {
                float error = Error(window, x, y);
                best = error < best.Error ? (error, 2 * x, 2 * y) : best;
            }
        }

        return best;
    }

    private float Error(CellWindow window, int shiftX, int shiftY)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (int y = 0; y < CellWindow.HalfSide; y++)
        {
            int row = (y - shiftY + TemplateBank.HalfMargin) * TemplateBank.HalfStride - shiftX + TemplateBank.HalfMargin;
            ReadOnlySpan<float> alpha = _template.AsSpan(3 * TemplateBank.HalfArea + row, CellWindow.HalfStride);
            for (int channel = 0; channel < 3; channel++)
            {
                int from = channel * CellWindow.HalfArea + y * CellWindow.HalfStride;
                ReadOnlySpan<float> colour = _template.AsSpan(channel * TemplateBank.HalfArea + row, CellWindow.HalfStride);
                ReadOnlySpan<float> difference = window.HalfDifference.AsSpan(from, CellWindow.HalfStride);
                ReadOnlySpan<float> ground = window.HalfGround.AsSpan(from, CellWindow.HalfStride);
                for (int x = 0; x < CellWindow.HalfStride; x += Vector<float>.Count)
                {
                    Vector<float> left = new Vector<float>(difference[x..]) - new Vector<float>(colour[x..])
                        + new Vector<float>(alpha[x..]) * new Vector<float>(ground[x..]);
                    sum += left * left;
                }
            }
        }

        return Vector.Sum(sum);
    }
}
