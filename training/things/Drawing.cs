using System.Text;
using System.Xml.Linq;
using NetVips;

namespace NexusGen.ThingSheets;

/// <summary>
/// A drawing: filled paths in a view box of 32 by 32. The attribute <c>class</c> says what recolouring does to a path:
/// <c>body</c>, <c>light</c>, <c>dark</c> and <c>ink</c> are the four shades of a colour, and a path without it keeps its fill.
/// </summary>
internal sealed class Drawing
{
    private const int ViewBox = 32;

    private readonly XElement _svg;

    private Drawing(XElement svg) => _svg = svg;

    /// <summary>Reads a drawing and refuses what isn't a plain one.</summary>
    /// <param name="path">The SVG file.</param>
    /// <returns>The drawing.</returns>
    public static Drawing Read(string path)
    {
        XElement svg = XElement.Load(path);
        bool plain = (string?)svg.Attribute("viewBox") == $"0 0 {ViewBox} {ViewBox}" && svg.Elements().All(e =>
            e.Name.LocalName == "path" && !e.HasElements && (string?)e.Attribute("fill") is ['#', _, _, _, _, _, _] &&
            ((string?)e.Attribute("class") is null or "body" or "light" or "dark" or "ink") &&
            e.Attributes().All(a => a.Name.LocalName is "class" or "fill" or "fill-rule" or "d"));
        return plain ? new(svg) : throw new InvalidDataException($"{path} is not a plain drawing");
    }

    /// <summary>Renders the drawing with other fills.</summary>
    /// <param name="size">The size in pixels.</param>
    /// <param name="samples">How many samples a pixel has in each direction.</param>
    /// <param name="fill">The fill for a class (null for none) and its natural fill.</param>
    /// <returns>Premultiplied RGBA, 4 bytes a pixel: the mean of the samples.</returns>
    public byte[] Render(int size, int samples, Func<string?, string, string> fill)
    {
        XElement copy = new(_svg);
        foreach (XElement path in copy.Elements())
        {
            path.SetAttributeValue("fill", fill((string?)path.Attribute("class"), (string)path.Attribute("fill")!));
        }

        using Image image = Image.SvgloadBuffer(
            Encoding.UTF8.GetBytes(copy.ToString(SaveOptions.DisableFormatting)), scale: (double)size * samples / ViewBox);
        int side = size * samples;
        if (image.Width != side || image.Height != side || image.Bands != 4)
        {
            throw new InvalidDataException($"a picture of {image.Width}x{image.Height}x{image.Bands} instead of {side}x{side}x4");
        }

        return Shrink(image.WriteToMemory<byte>(), size, samples);
    }

    private static byte[] Shrink(byte[] fine, int size, int samples)
    {
        byte[] result = new byte[4 * size * size];
        int count = samples * samples;
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                (int r, int g, int b, int alpha) = (0, 0, 0, 0);
                for (int i = 0; i < count; i++)
                {
                    int at = 4 * ((y * samples + i / samples) * size * samples + x * samples + i % samples);
                    int a = fine[at + 3];
                    (r, g, b, alpha) = (r + fine[at] * a, g + fine[at + 1] * a, b + fine[at + 2] * a, alpha + a);
                }

                int to = 4 * (y * size + x);
                result[to] = Mean(r, 255 * count);
                result[to + 1] = Mean(g, 255 * count);
                result[to + 2] = Mean(b, 255 * count);
                result[to + 3] = Mean(alpha, count);
            }
        }

        return result;
    }

    private static byte Mean(int sum, int count) => (byte)((sum + count / 2) / count);
}
