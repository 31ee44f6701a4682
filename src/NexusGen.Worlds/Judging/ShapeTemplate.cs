using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>
/// A shape of a size as an ideal picture of it, blurred, at each quarter of a pixel: what a blob is compared with. There is a
/// sharp and a soft one of each, for sharp and for soft pictures.
/// </summary>
internal sealed class ShapeTemplate
{
    /// <summary>Pixels a side of a template: room for the largest object and its blur.</summary>
    public const int Side = 38;

    /// <summary>Positions a pixel.</summary>
    public const int Parts = 4;

    private const int Middle = Side / 2;
    private const double SharpBlur = 0.6;
    private const double SoftBlur = 1.5;

    private readonly float[][] _phases = new float[Parts * Parts][];

    private ShapeTemplate(Shape shape, ObjectSize size, double blur)
    {
        Shape = shape;
        Size = size;
        for (int phase = 0; phase < _phases.Length; phase++)
        {
            double x = Middle + phase % Parts / (double)Parts;
            double y = Middle + phase / Parts / (double)Parts;
            ShapeMask mask = ShapeMask.Draw(Outlines.Of(shape), Side, x, y, WorldGeometry.Radius(size));
            byte[] gray = [.. mask.Coverage.SelectMany(c => new[] { c, c, c })];
            Picture soft = new Degradation(BlurSigma: blur).Apply(new Picture(Side, Side, gray), new Dice(0, 0));
            _phases[phase] = [.. soft.Rgb.Where((_, i) => i % 3 == 0).Select(b => b / 255f)];
        }

        float[] ideal = _phases[0];
        Mass = ideal.Sum();
        OffsetX = ideal.Select((v, i) => v * (i % Side + 0.5 - Middle)).Sum() / Mass;
        OffsetY = ideal.Select((v, i) => v * (i / Side + 0.5 - Middle)).Sum() / Mass;
    }

    /// <summary>All shapes and sizes, hardly blurred.</summary>
    public static ShapeTemplate[] Sharp { get; } = MakeAll(SharpBlur);

    /// <summary>All shapes and sizes as a soft decoder leaves them.</summary>
    public static ShapeTemplate[] Soft { get; } = MakeAll(SoftBlur);

    public Shape Shape { get; }

    public ObjectSize Size { get; }

    /// <summary>From the middle of the box to the centre of gravity.</summary>
    public double OffsetX { get; }

    /// <summary>The same, down.</summary>
    public double OffsetY { get; }

    /// <summary>Pixels that the shape covers.</summary>
    public double Mass { get; }

    /// <summary>
    /// What template and blob have in common, of what either covers, with the template's middle at a place given in quarter
    /// pixels of the blob's window.
    /// </summary>
    public double Fit(BlobCover cover, int quarterX, int quarterY)
    {
        int left = FloorDiv(quarterX) - Middle;
        int top = FloorDiv(quarterY) - Middle;
        float[] ideal = _phases[(quarterY - FloorDiv(quarterY) * Parts) * Parts + quarterX - FloorDiv(quarterX) * Parts];
        double common = 0;
        for (int y = Math.Max(0, -top); y < Side && top + y < cover.Height; y++)
        {
            int first = Math.Max(0, -left);
            int length = Math.Min(Side, cover.Width - left) - first;
            if (length > 0)
            {
                ReadOnlySpan<float> a = ideal.AsSpan(y * Side + first, length);
                ReadOnlySpan<float> b = cover.Values.AsSpan((top + y) * cover.Width + left + first, length);
                common += CommonPart(a, b);
            }
        }

        return common / (Mass + cover.Mass - common);
    }

    private static ShapeTemplate[] MakeAll(double blur) => [..
        from shape in Enum.GetValues<Shape>()
        from size in Enum.GetValues<ObjectSize>()
        select new ShapeTemplate(shape, size, blur)];

    private static float CommonPart(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Math.Min(a[i], b[i]);
        }

        return sum;
    }

    private static int FloorDiv(int value) => (int)Math.Floor(value / (double)Parts);
}
