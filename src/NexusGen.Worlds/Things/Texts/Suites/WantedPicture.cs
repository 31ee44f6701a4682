using System.Collections.Immutable;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>What a picture must show, and nothing else.</summary>
/// <param name="Things">The things.</param>
/// <param name="Relations">How those of one entry must stand to those of another.</param>
/// <param name="Ground">The id of the background; any if null.</param>
internal sealed record WantedPicture(
    ImmutableArray<WantedThing> Things, ImmutableArray<ParaphraseRelation> Relations, string? Ground)
{
    /// <summary>Compares a picture with it.</summary>
    public Verdict Check(ThingReading reading)
    {
        List<Fault> faults = [.. reading.Problems];
        if (reading.Background is null || (Ground is not null && reading.Background.Name != Ground))
        {
            faults.Add(new Fault(
                FaultKind.WrongBackground, $"{reading.Background?.Name ?? "none of this world"} instead of {Ground ?? "any"}"));
        }

        if (faults.Count == 0 && !Assign([]))
        {
            FaultKind kind = reading.Objects.Length < Things.Length ? FaultKind.Missing
                : reading.Objects.Length > Things.Length ? FaultKind.Extra
                : FaultKind.WrongThing;
            string relations = string.Concat(Relations.Select(one => $"; {one.One} {one.Is} {one.Other}"));
            faults.Add(new Fault(kind, $"{reading} instead of {string.Join(", ", Things)}{relations}"));
        }

        return faults.Count == 0 ? Verdict.Good : new Verdict([.. faults]);

        // Tries what is there for one thing after the other.
        bool Assign(ImmutableArray<ReadThing> found) => found.Length == Things.Length
            ? reading.Objects.Length == Things.Length && Relations.All(relation => Holds(relation, found, reading))
            : reading.Objects.Any(one => !found.Contains(one) && Things[found.Length].Fits(one) && Assign(found.Add(one)));
    }

    private bool Holds(ParaphraseRelation relation, ImmutableArray<ReadThing> found, ThingReading reading)
    {
        ThingScene scene = reading.ToScene()!;
        return Of(relation.One).All(one => Of(relation.Other).All(other => Ids.RelationOf(relation.Is) is { } side
            ? one.Cell.Is(side, other.Cell)
            : ThingLayout.AreBeside(scene, one.Cell, other.Cell)));

        IEnumerable<ReadThing> Of(int entry) => found.Where((_, index) => Things[index].Entry == entry);
    }
}
