using NexusGen.Server.Studio;

namespace NexusGen.Tests.Server;

/// <summary>Names of files in archives: they say something, and are safe and unique whatever the text is.</summary>
public sealed class PictureFileNameTests
{
    private const string Id = "0f3c2a1b99887766";

    [Theory]
    [InlineData("a red star left of a blue ring", "a-red-star-left-of-a-blue-ring-0f3c2a1b.png")]
    [InlineData("一个红色的星星，在蓝色的环左边", "一个红色的星星-在蓝色的环左边-0f3c2a1b.png")]
    [InlineData("नीला तारा", "नीला-तारा-0f3c2a1b.png")]
    [InlineData("../../etc/passwd", "etc-passwd-0f3c2a1b.png")]
    [InlineData("C:\\Windows\\x.exe", "C-Windows-x-exe-0f3c2a1b.png")]
    [InlineData("/", "nexusgen-0f3c2a1b.png")]
    [InlineData("", "nexusgen-0f3c2a1b.png")]
    [InlineData("CON", "CON-0f3c2a1b.png")]
    [InlineData("-rf .hidden", "rf-hidden-0f3c2a1b.png")]
    [InlineData("a\0b\r\nc\u202egnp.exe", "a-b-c-gnp-exe-0f3c2a1b.png")]
    [InlineData("\ud800 star \U0001F408", "star-0f3c2a1b.png")]
    public void AnyTextMakesASafeName(string prompt, string name) =>
        Assert.Equal(name, PictureFileName.Of(Picture(prompt, Id), "image/png", new HashSet<string>()));

    [Fact]
    public void OfAFileOfTheUserTheNameIsUsedWithoutItsExtension() => Assert.Equal(
        "my-cat-0f3c2a1b.jpg",
        PictureFileName.Of(Picture("my cat.jpeg", Id) with { Kind = "brought" }, "image/jpeg", new HashSet<string>()));

    [Fact]
    public void ALongTextIsCutAtACharacter()
    {
        static string Repeat(int count) => string.Concat(Enumerable.Repeat("𠀀", count));
        string name = PictureFileName.Of(Picture(Repeat(500), Id), "image/png", new HashSet<string>());
        Assert.Equal(Repeat(30) + "-0f3c2a1b.png", name);
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(name) < 255);
    }

    [Fact]
    public void NamesAreUniqueOnEveryFileSystem()
    {
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        string[] names =
        [
            PictureFileName.Of(Picture("a star", Id), "image/png", taken),
            PictureFileName.Of(Picture("A Star", "0f3c2a1b00000000"), "image/png", taken),
            PictureFileName.Of(Picture("a star", "aaaaaaaa00000000"), "image/png", taken),
        ];
        Assert.Equal(["a-star-0f3c2a1b.png", "A-Star-0f3c2a1b00000000.png", "a-star-aaaaaaaa.png"], names);
    }

    private static GalleryPicture Picture(string prompt, string id) => new() { Id = id, Kind = "drawn", Prompt = prompt };
}
