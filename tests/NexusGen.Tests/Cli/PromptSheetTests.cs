using System.Xml.Linq;
using NexusGen.Cli.Images;
using NexusGen.Imaging;

namespace NexusGen.Tests.Cli;

/// <summary>A contact sheet contains its images and shows its prompts in any script.</summary>
public sealed class PromptSheetTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void PicturesAndPromptsStandSideBySide()
    {
        var sheet = new PromptSheet("Title & more");
        byte[] red = [255, 0, 0], blue = [0, 0, 255];
        sheet.Add("a <red> point", RgbImage.FromBytes(red, 1, 1));
        sheet.Add("一个蓝色的点", RgbImage.FromBytes(blue, 1, 1));
        sheet.Add("again", RgbImage.FromBytes(red, 1, 1));
        XElement root = XDocument.Parse(sheet.ToSvg(columns: 2)).Root!;
        XElement[] images = [.. root.Elements(Svg + "image")];
        Assert.Equal(3, images.Length);
        Assert.Equal([red, blue, red], images.Select(image => Pixels((string)image.Attribute("href")!)));
        Assert.Equal((string)images[0].Attribute("x")!, (string)images[2].Attribute("x")!);
        Assert.NotEqual((string)images[0].Attribute("x")!, (string)images[1].Attribute("x")!);
        Assert.Equal(
            ["Title & more", "a <red> point", "一个蓝色的点", "again"],
            root.Elements(Svg + "text").Select(text => text.Value));
    }

    [Fact]
    public void LongPromptsAreWrappedWithoutLosingWordsAndEndInTime()
    {
        static string[] Lines(string caption)
        {
            var sheet = new PromptSheet("");
            sheet.Add(caption, RgbImage.FromBytes(new byte[3], 1, 1));
            return [.. XDocument.Parse(sheet.ToSvg(1)).Root!.Elements(Svg + "text").Skip(1).Select(text => text.Value)];
        }

        const string english = "two big red stars left of a small blue ring on a beige background";
        string[] wrapped = Lines(english);
        Assert.Equal(english, string.Join(' ', wrapped));
        Assert.All(wrapped, line => Assert.InRange(line.Length, 1, 28));
        string chinese = string.Concat(Enumerable.Repeat("红", 40));
        Assert.Equal(chinese, string.Concat(Lines(chinese)));
        Assert.All(Lines(chinese), line => Assert.InRange(line.Length, 1, 14));
        string[] endless = Lines(string.Concat(Enumerable.Repeat("word ", 100)));
        Assert.Equal(4, endless.Length);
        Assert.EndsWith("…", endless[^1]);
    }

    private static byte[] Pixels(string href) =>
        ImageFile.Read(Convert.FromBase64String(href[(href.IndexOf(',') + 1)..])).Pixels.ToArray();
}
