using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;

namespace NexusGen.Worlds.Things.GenEval;

/// <summary>
/// Checks what was read out of a picture against a record of GenEval's metadata, by the rules of GenEval's own evaluation
/// (<c>evaluation/evaluate_images.py</c>, arXiv 2310.11513), with <see cref="ThingJudge"/> in the place of its detector: at least
/// so many things of a class, in the required colour and place, and fewer than what is excluded. Colours and places are those of
/// the best-fitting things, and the background and things that aren't named don't matter.
/// </summary>
public static class GenEvalJudge
{
    // The share of both boxes by which things may overlap in a direction before one is beside the other.
    private const double Overlap = 0.1;

    private static readonly string[] Relations = ["left of", "right of", "above", "below"];

    /// <summary>Checks a reading.</summary>
    /// <param name="record">What the prompt asks for.</param>
    /// <param name="reading">What the picture shows.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="WorldException">The record names a relation that GenEval doesn't have.</exception>
    public static GenEvalVerdict Check(GenEvalRecord record, ThingReading reading)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(reading);
        List<string> reasons = [];
        List<ReadThing[]?> groups = [];
        foreach (GenEvalClause clause in record.Include)
        {
            ReadThing[] found = [.. OfClass(reading, clause).OrderByDescending(one => one.Fit).Take(clause.Count)];
            string? reason = FindFault(clause, found, groups);
            groups.Add(reason is null ? found : null);
            reasons.AddRange(reason is null ? [] : [reason]);
        }

        foreach (GenEvalClause clause in record.Exclude)
        {
            int count = OfClass(reading, clause).Count();
            reasons.AddRange(count < clause.Count ? [] : [$"expected {clause.Class}<{clause.Count}, found {count}"]);
        }

        return new GenEvalVerdict(reasons.Count == 0, string.Join('\n', reasons));
    }

    private static IEnumerable<ReadThing> OfClass(ThingReading reading, GenEvalClause clause) =>
        reading.Objects.Where(one => one.Thing.Name == clause.Class);

    private static string? FindFault(GenEvalClause clause, ReadThing[] found, List<ReadThing[]?> groups)
    {
        if (found.Length < clause.Count)
        {
            return $"expected {clause.Class}>={clause.Count}, found {found.Length}";
        }

        int coloured = found.Count(one => one.ApparentColour?.Name == clause.Color);
        if (clause.Color is not null && coloured < clause.Count)
        {
            string colours = string.Join(", ", found.Select(one => one.ApparentColour?.Name ?? "natural"));
            return $"expected {clause.Color} {clause.Class}>={clause.Count}, found {coloured} {clause.Color}; and {colours}";
        }

        return clause.Relation is null ? null : FindMisplaced(clause, clause.Relation, found, groups);
    }

    private static string? FindMisplaced(GenEvalClause clause, string relation, ReadThing[] found, List<ReadThing[]?> groups)
    {
        if (!Relations.Contains(relation))
        {
            throw new WorldException($"GenEval has no relation \"{relation}\": {string.Join(", ", Relations)}.");
        }

        if (clause.Target >= groups.Count || groups[clause.Target] is not { } targets)
        {
            return $"no target for {clause.Class} to be {relation}";
        }

        foreach ((ReadThing one, ReadThing target) in found.SelectMany(one => targets.Select(target => (one, target))))
        {
            List<string> relations = RelationsOf(one, target);
            if (!relations.Contains(relation))
            {
                return $"expected {clause.Class} {relation} target, found {string.Join(" and ", relations)} target";
            }
        }

        return null;
    }

    // GenEval's relative_position, with the boxes of the sprites.
    private static List<string> RelationsOf(ReadThing one, ReadThing other)
    {
        double x = one.CenterX - other.CenterX, y = one.CenterY - other.CenterY;
        double slack = Overlap * (ThingGeometry.SpriteSide(one.Size) + ThingGeometry.SpriteSide(other.Size));
        double length = Math.Sqrt(x * x + y * y);
        double across = Math.Sign(x) * Math.Max(0, Math.Abs(x) - slack) / length;
        double down = Math.Sign(y) * Math.Max(0, Math.Abs(y) - slack) / length;
        bool[] holds = [across < -0.5, across > 0.5, down < -0.5, down > 0.5];
        return [.. Relations.Where((_, i) => holds[i])];
    }
}
