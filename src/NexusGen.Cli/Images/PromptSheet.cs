using System.Globalization;
using System.Net;
using System.Text;
using NexusGen.Imaging;

namespace NexusGen.Cli.Images;

/// <summary>
/// A contact sheet of prompts and images as one SVG file with the images embedded. Every browser can show it, with Chinese and
/// Latin letters.
/// </summary>
/// <param name="title">The title of the sheet.</param>
internal sealed class PromptSheet(string title)
{
    private const int Cell = 224, Gap = 24, LineHeight = 18, Head = 56, LetterWidth = 8, MaxLines = 4;

    private readonly List<(string Caption, RgbImage Picture)> _cells = [];

    /// <summary>Adds an image.</summary>
    /// <param name="caption">The prompt or the answer.</param>
    /// <param name="picture">The image.</param>
    public void Add(string caption, RgbImage picture) => _cells.Add((caption, picture));

    /// <summary>Returns the sheet as SVG.</summary>
    /// <param name="columns">The number of images in a row.</param>
    public string ToSvg(int columns)
    {
        int rows = (_cells.Count + columns - 1) / columns, height = Cell + (MaxLines * LineHeight) + Gap;
        int wide = Gap + (columns * (Cell + Gap)), tall = Head + (rows * height) + Gap;
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{tall}\" viewBox=\"0 0 {wide} {tall}\" "
            + $"font-family=\"system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif\" font-size=\"14\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Gap}\" y=\"36\" font-size=\"20\" font-weight=\"bold\">{WebUtility.HtmlEncode(title)}</text>");
        for (int i = 0; i < _cells.Count; i++)
        {
            int x = Gap + (i % columns * (Cell + Gap)), y = Head + (i / columns * height);
            string png = Convert.ToBase64String(ImageFile.Encode(_cells[i].Picture, ImageFormat.Png));
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<image x=\"{x}\" y=\"{y}\" width=\"{Cell}\" height=\"{Cell}\" href=\"data:image/png;base64,{png}\"/>");
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{x}\" y=\"{y}\" width=\"{Cell}\" height=\"{Cell}\" fill=\"none\" stroke=\"#888888\"/>");
            int line = 0;
            foreach (string text in Wrap(_cells[i].Caption))
            {
                svg.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"<text x=\"{x}\" y=\"{y + Cell + (++line * LineHeight)}\">{WebUtility.HtmlEncode(text)}</text>");
            }
        }

        return svg.AppendLine("</svg>").ToString();
    }

    // A Chinese character is as wide as two Latin letters, and a line may break after it.
    private static IEnumerable<string> Wrap(string text)
    {
        const int most = Cell / LetterWidth;
        List<string> lines = [];
        string line = "";
        foreach (string word in Words(text.ReplaceLineEndings(" ")))
        {
            if (line.Length > 0 && Width(line) + Width(word.TrimEnd()) > most)
            {
                lines.Add(line.TrimEnd());
                line = "";
            }

            line += word;
        }

        lines.Add(line.TrimEnd());
        return lines.Count <= MaxLines ? lines : [.. lines.Take(MaxLines - 1), lines[MaxLines - 1] + "…"];
    }

    private static IEnumerable<string> Words(string text)
    {
        string word = "";
        foreach (Rune letter in text.EnumerateRunes())
        {
            word += letter;
            if (letter.Value == ' ' || IsWide(letter))
            {
                yield return word;
                word = "";
            }
        }

        yield return word;
    }

    private static int Width(string text) => text.EnumerateRunes().Sum(letter => IsWide(letter) ? 2 : 1);

    private static bool IsWide(Rune letter) => letter.Value >= 0x2e80;
}
