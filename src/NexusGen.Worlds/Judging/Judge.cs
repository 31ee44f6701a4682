using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>
/// Reads a picture back into a description, from its pixels alone and by classical means: the background is the median colour,
/// objects are connected patches that differ from it, their colour is the nearest of the palette, shape, size and place those
/// of the outline that fits best. It knows nothing of any prompt, and says so where a picture isn't one of this world. Safe
/// for use by several threads.
/// </summary>
public static class Judge
{
    // Smaller patches are dirt, not objects: the smallest object covers 150 pixels.
    private const int LeastPixels = 16;
    private const int MostDirt = 1000;
    private const float GreatestGroundError = 45;

    // From the middle of a cell: jitter, a decoder's shift and a pixel of measurement. Half of the way to the next is 18.5.
    private const double GreatestOffset = 8;

    /// <summary>Reads a picture.</summary>
    /// <param name="picture">A square picture whose side is a multiple of 112.</param>
    /// <returns>What it shows.</returns>
    /// <exception cref="WorldException">The picture isn't square or its side is no multiple of 112.</exception>
    public static SceneReading Read(Picture picture)
    {
        PixelPlane plane = new(picture);
        int[] labels = new int[PixelPlane.Side * PixelPlane.Side];
        List<Blob> blobs = Blob.FindAll(plane, labels);
        BlobReader reader = new(plane, labels);
        List<ReadObject> objects = [];
        List<Fault> problems = [];
        int dirt = blobs.Sum(b => b.Pixels.Count < LeastPixels ? b.Pixels.Count : 0);
        if (dirt > MostDirt)
        {
            problems.Add(new Fault(FaultKind.Unclear, $"{dirt} scattered pixels that are neither object nor background"));
        }

        foreach (Blob blob in blobs.Where(b => b.Pixels.Count >= LeastPixels))
        {
            (ReadObject? found, Fault? problem) = reader.Read(blob);
            if (found is not null)
            {
                objects.Add(found);
                problem = OffGrid(found);
            }

            if (problem is not null)
            {
                problems.Add(problem);
            }
        }

        return new SceneReading(ReadBackground(plane.Ground), [.. objects.OrderBy(o => o.Cell)], [.. problems]);
    }

    /// <summary>Reads a picture and compares it with the scene that it should show.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="expected">The scene; its jitter doesn't matter.</param>
    /// <returns>Right where background and all objects are as expected and nothing else is there.</returns>
    public static Verdict Check(Picture picture, Scene expected) => SceneComparison.Instance.Compare(expected, Read(picture));

    /// <summary>Judges an edited picture twice: whether the change is there, and whether all else is as it was.</summary>
    /// <param name="picture">The edited picture.</param>
    /// <param name="source">The scene before.</param>
    /// <param name="expected">The scene that the edit asks for.</param>
    /// <returns>Both verdicts.</returns>
    public static EditVerdict CheckEdit(Picture picture, Scene source, Scene expected) =>
        SceneComparison.Instance.CompareEdit(source, expected, Read(picture));

    private static Background? ReadBackground(Colour3 ground)
    {
        Background nearest = Enum.GetValues<Background>().MinBy(b => Colour3.Distance(Colour3.From(Palette.Of(b)), ground));
        return Colour3.Distance(Colour3.From(Palette.Of(nearest)), ground) <= GreatestGroundError ? nearest : null;
    }

    private static Fault? OffGrid(ReadObject found)
    {
        double dx = found.CenterX - WorldGeometry.Center(found.Cell.Column);
        double dy = found.CenterY - WorldGeometry.Center(found.Cell.Row);
        return Math.Abs(dx) > GreatestOffset || Math.Abs(dy) > GreatestOffset
            ? new Fault(FaultKind.WrongPlace, $"{found} stands ({dx:+0;-0}, {dy:+0;-0}) pixels off the middle of its cell")
            : null;
    }
}
