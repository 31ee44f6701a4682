using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// Reads a picture back into a description, from its pixels alone and by classical means: the background is the one that differs
/// least from the picture, and what stands in a cell is the sprite that leaves least of the cell's difference from the background
/// unexplained. It knows nothing of any prompt, and says so where a picture isn't one of this world. Safe for use by several
/// threads.
/// </summary>
/// <remarks>
/// The thresholds are measured. In scenes worn by blur (sigma up to 1 pixel), noise (up to 8 of 255) and shifts (up to 1 pixel),
/// the right sprite leaves up to 0.01 of what it explains, up to 0.05 of what the next best leaves, and up to 0.2 in the worst
/// box (<see cref="LocalResidue"/>). Blends of two things leave 0.05 and more, 0.6 of the next best and 1.5 in the worst box; a
/// heart whose notch is filled 1.3 in the worst box; eaten things, two in one cell and things between cells 1.1 and more.
/// </remarks>
public static class ThingJudge
{
    // Below this a cell is empty: the worst box differs by less than about 20 of 255 from the background.
    private const float LeastPresence = 0.4f;
    private const double GreatestError = 0.08;
    private const double GreatestOfNext = 0.4;
    private const float GreatestResidue = 0.6f;

    // Jitter, a decoder's shift and a pixel of measurement.
    private const double GreatestOffset = 5;

    /// <summary>Reads a picture.</summary>
    /// <param name="picture">A picture of 192 by 192 pixels.</param>
    /// <returns>What it shows.</returns>
    /// <exception cref="WorldException">The picture has another size.</exception>
    public static ThingReading Read(Picture picture)
    {
        if (picture.Width != ThingGeometry.Side || picture.Height != ThingGeometry.Side)
        {
            const int side = ThingGeometry.Side;
            throw new WorldException(
                $"The judge of things reads pictures of {side}x{side}, not {picture.Width}x{picture.Height}.");
        }

        GroundReading ground = GroundReader.Read(new SmoothPicture(picture.Rgb));
        CellWindow[] windows = [.. Enumerable.Range(0, Cell.Count).Select(index => new CellWindow(Cell.At(index), ground))
            .Where(window => window.Presence(ground.Noise) >= LeastPresence)];
        List<ReadThing> things = [];
        List<Fault> problems = [];
        foreach ((CellWindow window, List<SpriteFit> fits) in windows.Zip(new CellReader(ground.Nearest).Read(windows)))
        {
            if (FindProblem(window, ground.Noise, fits) is { } problem)
            {
                problems.Add(problem);
            }
            else
            {
                things.Add(ToThing(window, fits[0], ground.Noise));
            }
        }

        return new ThingReading(ground.IsLike ? ground.Nearest : null, [.. things], [.. problems]);
    }

    /// <summary>Reads a picture and compares it with the scene that it should show.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="expected">The scene; its jitter doesn't matter.</param>
    /// <returns>Right where background and all things are as expected and nothing else is there. The natural look and the
    /// colour that dominates it count as the same.</returns>
    public static Verdict Check(Picture picture, ThingScene expected) =>
        ThingComparison.Instance.Compare(expected, Read(picture));

    /// <summary>Judges an edited picture twice: whether the change is there, and whether all else is as it was.</summary>
    /// <param name="picture">The edited picture.</param>
    /// <param name="source">The scene before.</param>
    /// <param name="expected">The scene that the edit asks for.</param>
    /// <returns>Both verdicts.</returns>
    public static EditVerdict CheckEdit(Picture picture, ThingScene source, ThingScene expected) =>
        ThingComparison.Instance.CompareEdit(source, expected, Read(picture));

    private static Fault? FindProblem(CellWindow window, float noise, List<SpriteFit> fits)
    {
        SpriteFit best = fits[0];
        string where = $"in the cell {window.Cell.Row},{window.Cell.Column}";
        if (Math.Max(Math.Abs(best.OffsetX), Math.Abs(best.OffsetY)) > GreatestOffset)
        {
            string offset = $"({best.OffsetX:+0;-0}, {best.OffsetY:+0;-0})";
            return new Fault(FaultKind.WrongPlace, $"a {best.Candidate.Thing} stands {offset} pixels off the middle {where}");
        }

        if (best.ErrorBeyond(noise) > GreatestError * best.Energy || best.WorstResidue(window, noise) > GreatestResidue)
        {
            string nearest = best.Candidate.Thing.Name;
            return new Fault(FaultKind.Unclear, $"no thing of this world {where}; the nearest is a {nearest}");
        }

        SpriteFit? next = fits.FirstOrDefault(fit => !fit.Candidate.CountsAs(best.Candidate));
        return next is not null && best.ErrorBeyond(noise) > GreatestOfNext * next.ErrorBeyond(noise)
            ? new Fault(FaultKind.Merged, $"a {best.Candidate.Thing} as much as a {next.Candidate.Thing} {where}")
            : null;
    }

    private static ReadThing ToThing(CellWindow window, SpriteFit fit, float noise) => new(
        fit.Candidate.Thing, fit.Candidate.Colour, fit.Candidate.Size, window.Cell,
        ThingGeometry.Center(window.Cell.Column) + fit.OffsetX,
        ThingGeometry.Center(window.Cell.Row) + fit.OffsetY,
        Math.Clamp(1 - fit.ErrorBeyond(noise) / window.Energy, 0, 1));
}
