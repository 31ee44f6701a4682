using NexusGen.Cli.Conversation;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;

namespace NexusGen.Tests.Cli;

public class SpellingTests
{
    [Fact]
    public void OptionsOfTheOfficialScriptsGetHyphens() => Assert.Equal(
        ["generate", "--cfg-scale", "3", "--negative-prompt=a_b", "a_text", "--", "--not_this"],
        Spelling.Normalize(["generate", "--cfg_scale", "3", "--negative_prompt=a_b", "a_text", "--", "--not_this"]));

    [Theory]
    [InlineData("--seeds", "--seed")]
    [InlineData("--steps", "--steps")]
    [InlineData("--widht", "--width")]
    [InlineData("--frobnicate", null)]
    public void NearestFindsWhatWasMeant(string word, string? expected) =>
        Assert.Equal(expected, Spelling.Nearest(word, ["--seed", "--steps", "--width", "--height"]));

    [Theory]
    [InlineData("12GB", 12_000_000_000)]
    [InlineData("12gb", 12_000_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("900MB", 900_000_000)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1TB", 1_000_000_000_000)]
    [InlineData("100B", 100)]
    public void SizesHaveUnits(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("GB")]
    [InlineData("0GB")]
    [InlineData("-1GB")]
    [InlineData("NaNGB")]
    [InlineData("1e3GB")]
    [InlineData("12 parsecs")]
    [InlineData("99999999999TB")]
    public void OtherSizesAreRefused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(12, "12 B")]
    [InlineData(1_530, "1.53 kB")]
    [InlineData(23_800_000_000, "23.80 GB")]
    public void SizesAreReadable(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));

    [Theory]
    [InlineData("hello /you", "", "hello /you")]
    [InlineData("  /quit ", "/quit", "")]
    [InlineData("/image a cat.png", "/image", "a cat.png")]
    public void ChatLinesAreTakenApart(string line, string command, string rest) =>
        Assert.Equal(new ChatLine(command, rest), ChatLine.Parse(line));
}
