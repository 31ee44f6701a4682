using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>Reads one blob: its colour from its inside, shape and size from the template that fits best.</summary>
internal sealed class BlobReader(PixelPlane plane, int[] labels)
{
    // The true template fits a degraded rendering by 0.85 at least; two objects or a cut one fit nothing by more than 0.8.
    private const double LeastFit = 0.8;
    private const double LeastLead = 0.02;

    // A less good fit, as a soft decoder's small stars and rings have it, is believed where no other shape or size comes near
    // and the area is right.
    private const double LeastPoorFit = 0.74;
    private const double LeastPoorLead = 0.07;
    private const double LeastPoorArea = 0.82;
    private const double GreatestPoorArea = 1.15;

    // Fits below this are tried again with soft templates.
    private const double SharpFit = 0.88;
    private const float GreatestColourError = 55;
    private const float GreatestResidue = 45;
    private const double GreatestStrangeShare = 0.12;
    private const int Candidates = 3;
    private const int SearchReach = 4;

    /// <summary>Reads a blob as an object, or says why it is none.</summary>
    public (ReadObject? Object, Fault? Problem) Read(Blob blob)
    {
        string where = $"at ({(blob.Left + blob.Right + 1) / 2}, {(blob.Top + blob.Bottom + 1) / 2})";
        Colour3 mean = InnerColour(blob);
        if (StrangeShare(blob, mean) > GreatestStrangeShare)
        {
            return (null, new Fault(FaultKind.Merged, $"several colours {where}"));
        }

        Colour colour = Enum.GetValues<Colour>().MinBy(c => Colour3.Distance(Colour3.From(Palette.Of(c)), mean));
        if (Colour3.Distance(Colour3.From(Palette.Of(colour)), mean) > GreatestColourError)
        {
            return (null, new Fault(FaultKind.Unclear, $"a colour like none of the eight {where}"));
        }

        BlobCover cover = new(plane, labels, blob, mean);
        List<Match> matches = FindMatches(cover, ShapeTemplate.Sharp);
        if (matches[0].Fit < SharpFit && FindMatches(cover, ShapeTemplate.Soft) is { } soft && soft[0].Fit > matches[0].Fit)
        {
            matches = soft;
        }

        Match best = matches[0];
        if (!IsClear(best, best.Fit - matches[1].Fit, cover.Mass / best.Template.Mass))
        {
            int largest = 2 * WorldGeometry.Radius(ObjectSize.Big) + 4;
            bool tooLarge = blob.Right - blob.Left >= largest || blob.Bottom - blob.Top >= largest;
            return (null, tooLarge
                ? new Fault(FaultKind.Merged, $"objects that run together {where}")
                : new Fault(FaultKind.Unclear, $"an outline like none of the eight {where}"));
        }

        double x = cover.Left + best.X / (double)ShapeTemplate.Parts;
        double y = cover.Top + best.Y / (double)ShapeTemplate.Parts;
        Cell cell = new(NearestLine(y), NearestLine(x));
        return (new ReadObject(best.Template.Shape, colour, best.Template.Size, cell, x, y, best.Fit), null);
    }

    private static bool IsClear(Match best, double lead, double area) =>
        (best.Fit >= LeastFit && lead >= LeastLead)
        || (best.Fit >= LeastPoorFit && lead >= LeastPoorLead && area is >= LeastPoorArea and <= GreatestPoorArea);

    private static int NearestLine(double place) =>
        Math.Clamp((int)Math.Round((place - WorldGeometry.FirstCenter) / WorldGeometry.Pitch), 0, Cell.GridSide - 1);

    // All templates by their centre of gravity, then the best few moved about for the best place.
    private static List<Match> FindMatches(BlobCover cover, ShapeTemplate[] templates)
    {
        List<Match> matches = [.. templates.Select(template =>
        {
            int x = (int)Math.Round((cover.CenterX - template.OffsetX) * ShapeTemplate.Parts);
            int y = (int)Math.Round((cover.CenterY - template.OffsetY) * ShapeTemplate.Parts);
            return new Match(template, x, y, template.Fit(cover, x, y));
        })];
        matches.Sort((a, b) => b.Fit.CompareTo(a.Fit));
        for (int i = 0; i < Candidates; i++)
        {
            matches[i] = Refine(cover, matches[i]);
        }

        matches.Sort((a, b) => b.Fit.CompareTo(a.Fit));
        return matches;
    }

    private static Match Refine(BlobCover cover, Match start)
    {
        Match best = start;
        for (int step = SearchReach / 2; step > 0; step /= 2)
        {
            Match around = best;
            for (int dy = -step; dy <= step; dy += step)
            {
                for (int dx = -step; dx <= step; dx += step)
                {
                    double fit = start.Template.Fit(cover, around.X + dx, around.Y + dy);
                    if (fit > best.Fit)
                    {
                        best = new Match(start.Template, around.X + dx, around.Y + dy, fit);
                    }
                }
            }
        }

        return best;
    }

    // The mean of the pixels that are farthest from the background: whole pixels of the object, none of its edge.
    private Colour3 InnerColour(Blob blob)
    {
        int[] inner = [.. blob.Pixels.Where(p => IsInner(p, blob.Label))];
        if (inner.Length < blob.Pixels.Count / 8)
        {
            inner = [.. blob.Pixels];
        }

        float[] distances = [.. inner.Select(p => plane.Distance[p])];
        Array.Sort(distances, inner);
        int first = distances.Length / 2;
        Colour3 sum = default;
        for (int i = first; i < inner.Length; i++)
        {
            sum += plane[inner[i]];
        }

        return 1f / (inner.Length - first) * sum;
    }

    private bool IsInner(int pixel, int label)
    {
        (int y, int x) = Math.DivRem(pixel, PixelPlane.Side);
        return x > 0 && y > 0 && x < PixelPlane.Side - 1 && y < PixelPlane.Side - 1
            && labels[pixel - 1] == label && labels[pixel + 1] == label
            && labels[pixel - PixelPlane.Side] == label && labels[pixel + PixelPlane.Side] == label;
    }

    // Pixels off the line from the background's colour to the object's: no mixture of the two explains them.
    private double StrangeShare(Blob blob, Colour3 mean)
    {
        Colour3 line = mean - plane.Ground;
        float length = line.Length;
        int strange = 0;
        foreach (int pixel in blob.Pixels)
        {
            Colour3 offset = plane[pixel] - plane.Ground;
            float along = Colour3.Dot(offset, line) / (length * length);
            float residue = (offset - Math.Clamp(along, 0, 1) * line).Length;
            strange += residue > GreatestResidue ? 1 : 0;
        }

        return strange / (double)blob.Pixels.Count;
    }

    private sealed record Match(ShapeTemplate Template, int X, int Y, double Fit);
}
