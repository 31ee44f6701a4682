using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>Compares what was read with what should be there, cell by cell, and names every difference.</summary>
internal static class SceneComparison
{
    // What edits leave alone may move by this many pixels at side 112 (a decoder's shift and a pixel of measurement).
    private const double GreatestDrift = 4;

    public static Verdict Compare(Scene expected, SceneReading reading)
    {
        List<Fault> faults = [.. reading.Problems];
        AddBackground(expected, reading, faults);
        AddObjects(expected.Objects, reading.Objects, faults);
        return faults.Count == 0 ? Verdict.Good : new Verdict([.. faults]);
    }

    public static EditVerdict CompareEdit(Scene source, Scene expected, SceneReading reading)
    {
        HashSet<Cell> changed = [.. Enumerable.Range(0, Cell.Count).Select(Cell.At)
            .Where(cell => source.At(cell)?.Centered != expected.At(cell)?.Centered)];
        List<Fault> change = [];
        List<Fault> rest = [.. reading.Problems];
        AddBackground(expected, reading, source.Background == expected.Background ? rest : change);
        AddObjects(expected.Objects.Where(o => changed.Contains(o.Cell)), reading.Objects.Where(o => changed.Contains(o.Cell)), change);
        AddObjects(expected.Objects.Where(o => !changed.Contains(o.Cell)), reading.Objects.Where(o => !changed.Contains(o.Cell)), rest);
        AddDrift(source, reading, changed, rest);
        return new EditVerdict(new Verdict([.. change]), new Verdict([.. rest]));
    }

    private static void AddBackground(Scene expected, SceneReading reading, List<Fault> faults)
    {
        if (reading.Background != expected.Background)
        {
            string found = reading.Background?.ToString() ?? "none of the five";
            faults.Add(new Fault(FaultKind.WrongBackground, $"{found} instead of {expected.Background}"));
        }
    }

    private static void AddObjects(IEnumerable<SceneObject> expected, IEnumerable<ReadObject> read, List<Fault> faults)
    {
        List<SceneObject> missing = [];
        List<ReadObject> left = [.. read];
        foreach (SceneObject wanted in expected)
        {
            ReadObject? found = left.Where(o => o.Cell == wanted.Cell).MinBy(o => Differences(o, wanted));
            if (found is null)
            {
                missing.Add(wanted);
                continue;
            }

            left.Remove(found);
            AddDifferences(found, wanted, faults);
        }

        foreach (SceneObject wanted in missing)
        {
            ReadObject? elsewhere = left.FirstOrDefault(o => Differences(o, wanted) == 0);
            _ = elsewhere is not null && left.Remove(elsewhere);
            faults.Add(elsewhere is null
                ? new Fault(FaultKind.Missing, wanted.ToString())
                : new Fault(FaultKind.WrongPlace, $"{elsewhere} instead of {wanted}"));
        }

        faults.AddRange(left.Select(o => new Fault(FaultKind.Extra, o.ToString())));
    }

    private static int Differences(ReadObject o, SceneObject wanted) =>
        (o.Shape != wanted.Shape ? 1 : 0) + (o.Colour != wanted.Colour ? 1 : 0) + (o.Size != wanted.Size ? 1 : 0);

    private static void AddDifferences(ReadObject found, SceneObject wanted, List<Fault> faults)
    {
        string reason = $"{found} instead of {wanted}";
        if (found.Colour != wanted.Colour)
        {
            faults.Add(new Fault(FaultKind.WrongColour, reason));
        }

        if (found.Shape != wanted.Shape)
        {
            faults.Add(new Fault(FaultKind.WrongShape, reason));
        }

        if (found.Size != wanted.Size)
        {
            faults.Add(new Fault(FaultKind.WrongSize, reason));
        }
    }

    private static void AddDrift(Scene source, SceneReading reading, HashSet<Cell> changed, List<Fault> rest)
    {
        foreach (ReadObject found in reading.Objects.Where(o => !changed.Contains(o.Cell)))
        {
            if (source.At(found.Cell) is not { } before)
            {
                continue;
            }

            double dx = found.CenterX - WorldGeometry.Center(before.Cell.Column) - before.JitterX / (double)WorldGeometry.JitterUnits;
            double dy = found.CenterY - WorldGeometry.Center(before.Cell.Row) - before.JitterY / (double)WorldGeometry.JitterUnits;
            if (Math.Max(Math.Abs(dx), Math.Abs(dy)) > GreatestDrift)
            {
                rest.Add(new Fault(FaultKind.WrongPlace, $"{before} has moved by ({dx:+0;-0}, {dy:+0;-0}) pixels"));
            }
        }
    }
}
