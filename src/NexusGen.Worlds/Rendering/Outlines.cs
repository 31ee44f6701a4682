using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// The outlines of the shapes as closed polygons in the box from −1 to 1 (x right, y down), filled by the even-odd rule. They
/// are rounded to four decimals, so that the file <c>world.json</c> holds exactly what is rendered.
/// </summary>
public static class Outlines
{
    private const int CurvePoints = 72;

    private static readonly ImmutableArray<ImmutableArray<OutlinePoint>>[] Table =
    [
        [Circle(0.95)],
        [Polygon((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85))],
        [Polygon((0, -0.95), (1, 0.85), (-1, 0.85))],
        [Star(1.05, 0.5, 0.1)],
        [Circle(1), Circle(0.5)],
        [Polygon((0, -1), (0.78, 0), (0, 1), (-0.78, 0))],
        [Cross(1, 0.34)],
        [Heart()],
    ];

    /// <summary>The closed polygons of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <returns>Its contours; the ring has two.</returns>
    public static ImmutableArray<ImmutableArray<OutlinePoint>> Of(Shape shape) => Table[(int)shape];

    private static ImmutableArray<OutlinePoint> Polygon(params (double X, double Y)[] points) =>
        [.. points.Select(p => new OutlinePoint(Math.Round(p.X, 4), Math.Round(p.Y, 4)))];

    private static ImmutableArray<OutlinePoint> Circle(double radius) => Polygon([.. Angles(CurvePoints).Select(
        angle => (radius * Math.Cos(angle), radius * Math.Sin(angle)))]);

    private static ImmutableArray<OutlinePoint> Star(double outer, double inner, double down) => Polygon([.. Angles(10).Select(
        (angle, i) => ((i % 2 == 0 ? outer : inner) * Math.Sin(angle), down - (i % 2 == 0 ? outer : inner) * Math.Cos(angle)))]);

    private static ImmutableArray<OutlinePoint> Cross(double arm, double half) => Polygon(
        (-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half),
        (half, arm), (-half, arm), (-half, half), (-arm, half), (-arm, -half), (-half, -half));

    // The well-known curve (16 sin³t, 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t), scaled into the box.
    private static ImmutableArray<OutlinePoint> Heart() => Polygon([.. Angles(CurvePoints).Select(t =>
    {
        double x = Math.Pow(Math.Sin(t), 3);
        double y = 13 * Math.Cos(t) - 5 * Math.Cos(2 * t) - 2 * Math.Cos(3 * t) - Math.Cos(4 * t);
        return (0.98 * x, -(y + 2.5) / 15);
    })]);

    private static IEnumerable<double> Angles(int count) => Enumerable.Range(0, count).Select(i => 2 * Math.PI * i / count);
}
