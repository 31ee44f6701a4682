using System.Text;
using System.Text.Json;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

/// <summary>Folders of images with text files as training data.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachImageHasItsText()
    {
        Image("a.png");
        Image("B.JPG");
        Image("c.webp");
        Text("a.txt", "a red star");
        Text("b.CAPTION", "ein Stern");
        Text("c.txt", "一颗红星");
        TrainingRecord[] records = Records(new DataSource { Path = _folder.Path });
        Assert.Equal(
            [
                "Generate an image according to the following description: ein Stern",
                "Generate an image according to the following description: a red star",
                "根据以下描述生成一张图像：一颗红星",
            ],
            records.Select(record => record.Messages[0].Content));
        Assert.Equal(
            ["Here is an image based on the description: <image>", "这是根据您的描述生成的图像：<image>"],
            records.Select(record => record.Messages[1].Content).Distinct());
        Assert.Equal([_folder["B.JPG"]], records[0].Images);
        Assert.All(records, record => Assert.Equal(["user", "assistant"], record.Messages.Select(message => message.Role)));
    }

    [Fact]
    public void PairsAreEdits()
    {
        Image("before/a.png");
        Image("after/A.jpg");
        Image("before/b.png");
        Image("after/b.png");
        Image("after/lonely.png");
        Image("before/unedited.png");
        Text("a.txt", "Make it winter.");
        Text("after/b.txt", "Make it night.");
        var source = new DataSource { Path = _folder.Path };
        using var folder = new ImageFolder(source);
        Assert.True(ImageFolder.HasPairs(_folder.Path));
        Assert.Equal(4, folder.Count);
        TrainingRecord first = Parse(folder.Read(0, 0));
        Assert.Equal([_folder["before/a.png"], _folder["after/A.jpg"]], first.Images);
        Assert.Equal(
            ["<image> Make it winter.", "Here is the image: <image>"], first.Messages.Select(message => message.Content));
        Assert.Equal("<image> Make it night.", Parse(folder.Read(1, 0)).Messages[0].Content);
        Assert.Contains("no image of the same name in before", Refused(folder, 2));
        Assert.Contains("no image of the same name in after", Refused(folder, 3));
        Assert.EndsWith("unedited.png: x", folder.Broken(3, "x").ToString());
    }

    // A byte order mark, other line ends and blanks around the text are no words.
    [Theory]
    [InlineData("\ufeffa red\r\nstar\r\n")]
    [InlineData("  a red\nstar\n\n")]
    public void TextsAreReadAsTheyAreMeant(string text)
    {
        Image("a.png");
        Text("a.txt", text);
        Assert.EndsWith(": a red\nstar", Records(new DataSource { Path = _folder.Path })[0].Messages[0].Content);
    }

    [Fact]
    public void OtherFilesArePassedOver()
    {
        Image("a.png");
        Text("a.txt", "a star");
        Image("a.mask.png");
        Text("._a.png", "rubbish of another system");
        Text("Thumbs.db", "rubbish");
        Directory.CreateDirectory(_folder["__MACOSX"]);
        Text("__MACOSX/b.png", "rubbish");
        Directory.CreateDirectory(_folder[".cache"]);
        Text(".cache/c.png", "rubbish");
        Assert.Single(Records(new DataSource { Path = _folder.Path }));
    }

    [Fact]
    public void TwoImagesOfOneStemShareATextOrHaveOneEach()
    {
        Image("a.png");
        Image("a.jpg");
        Text("a.txt", "both");
        Text("a.jpg.txt", "the second");
        Assert.Equal(
            ["the second", "both"],
            Records(new DataSource { Path = _folder.Path }).Select(record => record.Messages[0].Content.Split(": ")[1]));
    }

    [Fact]
    public void RepeatsAndNumberedFoldersCount()
    {
        Image("10_cats/a.png");
        Image("2_dogs/b.png");
        Image("birds/c.png");
        Image("0_out/d.png");
        foreach (string name in (string[])["10_cats/a.txt", "2_dogs/b.txt", "birds/c.txt"])
        {
            Text(name, name);
        }

        TrainingRecord[] records = Records(new DataSource { Path = _folder.Path, Repeats = 2 });
        Assert.Equal(
            new Dictionary<string, int> { ["a.png"] = 20, ["b.png"] = 4, ["c.png"] = 2 },
            records.CountBy(record => Path.GetFileName(record.Images[0])).ToDictionary());
    }

    [Fact]
    public void ATriggerWordIsPutBeforeTheCaption()
    {
        Image("a.png");
        Image("b.png");
        Text("a.txt", "in the rain");
        string[] asked = [.. Records(new DataSource { Path = _folder.Path, Trigger = "sks cat" })
            .Select(record => record.Messages[0].Content)];
        Assert.EndsWith(": sks cat in the rain", asked[0]);
        Assert.EndsWith(": sks cat", asked[1]);
    }

    [Fact]
    public void ThatShareOfTheCaptionsIsLeftOut()
    {
        Image("a.png");
        Text("a.txt", "a star");
        var source = new DataSource { Path = _folder.Path, CaptionDropout = 0.25, Trigger = "sks" };
        using var mix = new SampleMix([source], 3);
        bool IsDropped(int i) => mix[i].Messages[0].Content.EndsWith(": ", StringComparison.Ordinal);
        bool[] dropped = [.. Enumerable.Range(0, 400).Select(IsDropped)];
        Assert.InRange(dropped.Count(each => each), 65, 135);
        Assert.Equal(dropped, Enumerable.Range(0, 400).Select(IsDropped));
    }

    // Each is named once, and the others are trained on.
    [Fact]
    public void WhatCannotBeUsedIsReported()
    {
        Image("good.png");
        Image("silent.png");
        Text("good.txt", "a star");
        Text("broken.png", "not an image");
        Text("broken.txt", "a star");
        Text("empty.jpg", "");
        Text("empty.txt", "a star");
        List<string> reported = [];
        using (var mix = new SampleMix(
            [new DataSource { Path = _folder.Path }], 0, report: broken => reported.Add(broken.ToString())))
        {
            Assert.Equal(4, mix.Count);
            Assert.All(Enumerable.Range(0, 20), i => Assert.EndsWith(": a star", mix[i].Messages[0].Content));
            Assert.Equal(3, mix.Broken.Count);
        }

        Assert.Equal(3, reported.Count);
        Assert.Contains(reported, line => line.Contains("silent.png: has no caption", StringComparison.Ordinal)
            && line.Contains("nexusgen caption", StringComparison.Ordinal));
        Assert.Contains(reported, line => line.StartsWith(_folder["broken.png"] + ": ", StringComparison.Ordinal));
        Assert.Contains(reported, line => line.StartsWith(_folder["empty.jpg"] + ": ", StringComparison.Ordinal));

        // Where texts are not needed, images without one are as good.
        using var images = new SampleMix([new DataSource { Path = _folder.Path }], 0, maxBroken: 2, needsText: false);
        Assert.Equal(2, Enumerable.Range(0, 20).Select(i => images[i].Messages[0].Content).Distinct().Count());
    }

    [Fact]
    public void MasksBelongToTheirImages()
    {
        Image("a.png");
        Image("A.MASK.PNG");
        Image("b.png");
        Image("pairs/before/c.png");
        Image("pairs/after/c.png");
        Image("pairs/c.mask.png");
        TrainingRecord[] records = Records(new DataSource { Path = _folder.Path, Trigger = "x" });
        Assert.Equal([_folder["A.MASK.PNG"], null, _folder["pairs/c.mask.png"]], records.Select(record => record.Mask));
        Assert.NotNull(TrainingSample.Load(records[0]).Mask);
        ImageFile.Write(_folder["b.mask.png"], RgbImage.FromBytes(new byte[3 * 16], 4, 4));
        TrainingRecord other = Records(new DataSource { Path = _folder.Path, Trigger = "x" })[1];
        Assert.Contains(
            "mask of 4x4, but the image is 8x8", Assert.Throws<NexusGenException>(() => TrainingSample.Load(other)).Message);
    }

    [Fact]
    public void AFolderWithoutImagesIsRefused()
    {
        Text("a.txt", "a star");
        Assert.Contains(
            "contains no images (.jpg, ",
            Assert.Throws<NexusGenException>(() => new ImageFolder(new DataSource { Path = _folder.Path })).Message);
        string lines = _folder.Write("a.jsonl", "{}\n");
        Assert.Contains(
            "is not a folder of images",
            Assert.Throws<TrainingException>(() => new SampleMix([new DataSource { Path = lines, Repeats = 2 }], 0)).Message);
    }

    private static string Refused(ImageFolder folder, long index) =>
        Assert.Throws<TrainingException>(() => folder.Read(index, 0)).Message;

    private TrainingRecord[] Records(DataSource source)
    {
        using var folder = new ImageFolder(source);
        return [.. Enumerable.Range(0, (int)folder.Count).Select(i => Parse(folder.Read(i, 0)))];
    }

    private static TrainingRecord Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        return TrainingRecord.Parse(json, "nowhere");
    }

    private void Image(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        string file = Path.ChangeExtension(_folder[name], Path.GetExtension(name).ToLowerInvariant());
        ImageFile.Write(file, RgbImage.FromBytes(new byte[3 * 64], 8, 8));
        if (file != _folder[name])
        {
            File.Move(file, _folder[name]);
        }
    }

    private void Text(string name, string text) => File.WriteAllText(_folder[name], text, new UTF8Encoding(false));
}
