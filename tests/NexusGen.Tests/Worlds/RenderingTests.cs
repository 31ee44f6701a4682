using NexusGen.Imaging;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Rendering, degradation, sheets and image files.</summary>
public sealed class RenderingTests
{
    private static readonly Scene Example = new(
        Background.White,
        new SceneObject(Shape.Cross, Colour.Green, ObjectSize.Small, new(0, 2), -3, 5),
        new SceneObject(Shape.Ring, Colour.Purple, ObjectSize.Big, new(1, 1)));

    [Fact]
    public void ALargerPictureIsTheSmallOneInMoreDetail()
    {
        Picture small = Renderer.Render(Example), large = Renderer.Render(Example, 336);
        for (int i = 0; i < small.Rgb.Length; i++)
        {
            (int x, int y, int channel) = (i / 3 % 112, i / 3 / 112, i % 3);
            double mean = Enumerable.Range(0, 9).Average(
                k => large.Rgb[(3 * ((((3 * y) + (k / 3)) * 336) + (3 * x) + (k % 3))) + channel]);
            Assert.InRange(small.Rgb[i] - mean, -6, 6);
        }
    }

    [Fact]
    public void ObjectsOfAnyJitterNeverTouch()
    {
        foreach (Shape shape in Enum.GetValues<Shape>())
        {
            Picture picture = Renderer.Render(new Scene(
                Background.White,
                new SceneObject(shape, Colour.Red, ObjectSize.Big, new(1, 0), SceneObject.MaxJitter),
                new SceneObject(shape, Colour.Blue, ObjectSize.Big, new(1, 1), -SceneObject.MaxJitter)));
            Assert.Contains(
                Enumerable.Range(30, 20), x => Enumerable.Range(0, 112).All(y => picture[x, y] == Palette.Of(Background.White)));
        }
    }

    [Fact]
    public void TheBackgroundShowsThroughARing() => Assert.Equal(Palette.Of(Background.White), Renderer.Render(Example)[56, 56]);

    [Fact]
    public void ABufferOfAnotherLengthIsRefused()
    {
        string message = Assert.Throws<WorldException>(() => Renderer.Render(Example, new byte[7], 112)).Message;
        Assert.Contains("37632", message);
        Assert.Contains("7", message);
    }

    [Fact]
    public void NoWearLeavesAPictureAsItIs()
    {
        Picture picture = Renderer.Render(Example);
        Assert.Equal(picture.Rgb, new Degradation().Apply(picture, new Dice(1, 1)).Rgb);
    }

    [Fact]
    public void AShiftByWholePixelsMovesEveryPixel()
    {
        Picture picture = Renderer.Render(Example), moved = new Degradation(ShiftX: 2, ShiftY: -1).Apply(picture, new Dice(1, 1));
        for (int i = 0; i < 100 * 100; i++)
        {
            (int x, int y) = (5 + (i % 100), 5 + (i / 100));
            Assert.Equal(picture[x, y], moved[x + 2, y - 1]);
        }
    }

    [Fact]
    public void TheSlightestBlurKeepsAShiftedPicture()
    {
        Picture picture = new Degradation(ShiftX: 0.5, ShiftY: -1.5, BlurSigma: 0.001)
            .Apply(Renderer.Render(Example), new Dice(1, 1));
        Assert.Equal(Palette.Of(Background.White), picture[10, 90]);
    }

    [Fact]
    public void ASheetHoldsEveryPictureInOrder()
    {
        Picture[] pictures = [.. Enum.GetValues<Background>().Select(b => Brush.Blank(Palette.Of(b)))];
        Picture sheet = ContactSheet.Compose(pictures, 3);
        Assert.Equal((6 + (3 * 118), 6 + (2 * 118)), (sheet.Width, sheet.Height));
        for (int i = 0; i < pictures.Length; i++)
        {
            (int left, int top) = (6 + (i % 3 * 118), 6 + (i / 3 * 118));
            Assert.Equal(pictures[i][0, 0], sheet[left, top]);
            Assert.Equal(pictures[i][0, 0], sheet[left + 111, top + 111]);
            Assert.Equal(sheet[0, 0], sheet[left - 1, top]);
            Assert.Equal(sheet[0, 0], sheet[left + 112, top]);
        }

        Assert.Equal(sheet[0, 0], sheet[6 + (2 * 118), 6 + 118]);
    }

    [Fact]
    public void ASheetNeedsPicturesOfOneSize()
    {
        Picture small = Renderer.Render(Example), large = Renderer.Render(Example, 224);
        Assert.Throws<WorldException>(() => ContactSheet.Compose([], 2));
        Assert.Throws<WorldException>(() => ContactSheet.Compose([small, large], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactSheet.Compose([small], 0));
    }

    [Fact]
    public void AWrittenPictureReadsBack()
    {
        Picture picture = Renderer.Render(Example);
        RgbImage read = ImageFile.Read(PngEncoder.Encode(picture));
        Assert.Equal((112, 112), (read.Width, read.Height));
        Assert.Equal(picture.Rgb, read.Pixels.ToArray());
    }

    [Fact]
    public void ColoursAreFarApart()
    {
        Rgb[] all = [.. Enum.GetValues<Colour>().Select(Palette.Of), .. Enum.GetValues<Background>().Select(Palette.Of)];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double distance = Math.Sqrt(
                    Math.Pow(all[i].R - all[j].R, 2) + Math.Pow(all[i].G - all[j].G, 2) + Math.Pow(all[i].B - all[j].B, 2));
                Assert.True(distance >= 90, $"{all[i]} and {all[j]}: {distance:F1}");
            }
        }
    }
}
