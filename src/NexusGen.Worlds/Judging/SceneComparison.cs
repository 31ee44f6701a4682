using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>The comparison of shapes.</summary>
internal sealed class SceneComparison : GridComparison<Background, SceneObject, ReadObject>
{
    /// <summary>The one comparison.</summary>
    public static SceneComparison Instance { get; } = new();

    // A decoder's shift and a pixel of measurement, at side 112.
    protected override double GreatestDrift => 4;

    protected override IEnumerable<FaultKind> Differences(ReadObject found, SceneObject wanted)
    {
        if (found.Colour != wanted.Colour)
        {
            yield return FaultKind.WrongColour;
        }

        if (found.Shape != wanted.Shape)
        {
            yield return FaultKind.WrongShape;
        }

        if (found.Size != wanted.Size)
        {
            yield return FaultKind.WrongSize;
        }
    }

    protected override (double X, double Y) PlaceOf(SceneObject wanted) => (
        WorldGeometry.Center(wanted.Cell.Column) + wanted.JitterX / (double)WorldGeometry.JitterUnits,
        WorldGeometry.Center(wanted.Cell.Row) + wanted.JitterY / (double)WorldGeometry.JitterUnits);
}
