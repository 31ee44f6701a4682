using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>Compares what was read with what should be there, cell by cell, and names every difference.</summary>
/// <typeparam name="TBackground">The type of the background.</typeparam>
/// <typeparam name="TObject">The type of the objects that should be there.</typeparam>
/// <typeparam name="TRead">The type of the objects that were read.</typeparam>
internal abstract class GridComparison<TBackground, TObject, TRead>
    where TBackground : notnull
    where TObject : struct, IGridObject<TObject>
    where TRead : class, IReadObject
{
    /// <summary>By how many pixels at most an edit may move what it leaves alone.</summary>
    protected abstract double GreatestDrift { get; }

    /// <summary>Compares a picture with the scene that it should show.</summary>
    public Verdict Compare(GridScene<TBackground, TObject> expected, IReading<TRead> reading)
    {
        List<Fault> faults = [.. reading.Problems];
        AddBackground(expected, reading, faults);
        AddObjects(expected.Objects, reading.Objects, faults);
        return faults.Count == 0 ? Verdict.Good : new Verdict([.. faults]);
    }

    /// <summary>Compares an edited picture with the scene that it should show: what should change, and the rest.</summary>
    public EditVerdict CompareEdit(
        GridScene<TBackground, TObject> source, GridScene<TBackground, TObject> expected, IReading<TRead> reading)
    {
        HashSet<Cell> changed =
            [.. Enumerable.Range(0, Cell.Count).Select(Cell.At).Where(cell => !IsSame(source, expected, cell))];
        List<Fault> change = [];
        List<Fault> rest = [.. reading.Problems];
        bool sameBackground = source.Background.Equals(expected.Background);
        AddBackground(expected, reading, sameBackground ? rest : change);
        foreach (bool ofChange in new[] { true, false })
        {
            AddObjects(
                expected.Objects.Where(o => changed.Contains(o.Cell) == ofChange),
                reading.Objects.Where(o => changed.Contains(o.Cell) == ofChange),
                ofChange ? change : rest);
        }

        AddDrift(source, reading, changed, rest);
        return new EditVerdict(new Verdict([.. change]), new Verdict([.. rest]));
    }

    /// <summary>Returns how an object in the right place differs from the expected one.</summary>
    protected abstract IEnumerable<FaultKind> Differences(TRead found, TObject wanted);

    /// <summary>Returns the middle of an object in pixels.</summary>
    protected abstract (double X, double Y) PlaceOf(TObject wanted);

    private static bool IsSame(GridScene<TBackground, TObject> source, GridScene<TBackground, TObject> expected, Cell cell) =>
        Equals(source.At(cell)?.WithJitter(0, 0), expected.At(cell)?.WithJitter(0, 0));

    private static void AddBackground(GridScene<TBackground, TObject> expected, IReading<TRead> reading, List<Fault> faults)
    {
        string wanted = $"{expected.Background}";
        if (reading.BackgroundName != wanted)
        {
            string found = reading.BackgroundName ?? "none of this world";
            faults.Add(new Fault(FaultKind.WrongBackground, $"{found} instead of {wanted}"));
        }
    }

    private void AddObjects(IEnumerable<TObject> expected, IEnumerable<TRead> read, List<Fault> faults)
    {
        List<TObject> missing = [];
        List<TRead> left = [.. read];
        foreach (TObject wanted in expected)
        {
            TRead? found = left.Where(o => o.Cell == wanted.Cell).MinBy(o => Differences(o, wanted).Count());
            if (found is null)
            {
                missing.Add(wanted);
                continue;
            }

            left.Remove(found);
            faults.AddRange(Differences(found, wanted).Select(kind => new Fault(kind, $"{found} instead of {wanted}")));
        }

        foreach (TObject wanted in missing)
        {
            TRead? elsewhere = left.FirstOrDefault(o => !Differences(o, wanted).Any());
            _ = elsewhere is not null && left.Remove(elsewhere);
            faults.Add(elsewhere is null
                ? new Fault(FaultKind.Missing, $"{wanted}")
                : new Fault(FaultKind.WrongPlace, $"{elsewhere} instead of {wanted}"));
        }

        faults.AddRange(left.Select(o => new Fault(FaultKind.Extra, $"{o}")));
    }

    private void AddDrift(
        GridScene<TBackground, TObject> source, IReading<TRead> reading, HashSet<Cell> changed, List<Fault> rest)
    {
        foreach (TRead found in reading.Objects.Where(o => !changed.Contains(o.Cell)))
        {
            if (source.At(found.Cell) is not { } before)
            {
                continue;
            }

            (double x, double y) = PlaceOf(before);
            (double dx, double dy) = (found.CenterX - x, found.CenterY - y);
            if (Math.Max(Math.Abs(dx), Math.Abs(dy)) > GreatestDrift)
            {
                rest.Add(new Fault(FaultKind.WrongPlace, $"{before} has moved by ({dx:+0;-0}, {dy:+0;-0}) pixels"));
            }
        }
    }
}
