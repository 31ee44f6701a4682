using NexusGen.Cli.Batch;
using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Tests.Cli;

public class PromptFileTests
{
    private static readonly GenerateRequest Common = new("") { Picture = new PictureSettings { Seed = 7, Steps = 3, Width = 64 } };

    [Fact]
    public void LinesSayWhatTheyWantAndLeaveTheRest()
    {
        PromptFile file = Read(
            """
            {"prompt": "a cat", "seed": 18446744073709551615, "width": 80}

            {"prompt": "一只猫", "language": "zh", "cfg_scale": 1.5, "negative_prompt": "dogs", "count": 2, "output": "sub/cat.webp"}
            """);

        Assert.Empty(file.Problems);
        Assert.Equal([1, 3], file.Jobs.Select(job => job.Line));
        GenerateRequest first = file.Jobs[0].Request, second = file.Jobs[1].Request;
        Assert.Equal(("a cat", ulong.MaxValue, ulong.MaxValue, 80, 3), (first.Description, first.Picture.Seed!.Value, first.Reply.Seed, first.Picture.Width!.Value, first.Picture.Steps!.Value));
        Assert.Equal(("一只猫", 7ul, 64, 1.5, "dogs", 2), (second.Description, second.Picture.Seed!.Value, second.Picture.Width!.Value, second.Picture.CfgScale!.Value, second.Picture.NegativePrompt, second.Picture.Count));
        Assert.NotEqual(first.Language, second.Language);
        Assert.Equal(Path.Combine("out", "gen-0001.png"), file.Jobs[0].Name.Path);
        Assert.EndsWith(Path.Combine("out", "sub/cat.webp"), file.Jobs[1].Name.Path);
    }

    [Theory]
    [InlineData("a cat", "it is not JSON")]
    [InlineData("{\"prompt\": ", "it is not JSON")]
    [InlineData("null", "it is null")]
    [InlineData("{}", "its 'prompt' is missing")]
    [InlineData("[\"a cat\"]", "it is not an object like")]
    [InlineData("{\"prompt\": \" \"}", "prompt is empty")]
    [InlineData("{\"prompt\": 3}", "its 'prompt' is of the wrong type")]
    [InlineData("{\"prompt\": \"a\", \"sede\": 3}", "'sede'")]
    [InlineData("{\"prompt\": \"a\", \"seed\": -3}", "its 'seed' is of the wrong type or out of range")]
    [InlineData("{\"prompt\": \"a\", \"width\": 0}", "width takes a whole number from 1 to 8192")]
    [InlineData("{\"prompt\": \"a\", \"steps\": 1001}", "steps takes")]
    [InlineData("{\"prompt\": \"a\", \"count\": 0}", "count takes")]
    [InlineData("{\"prompt\": \"a\", \"language\": \"fr\"}", "language takes en or zh")]
    [InlineData("{\"prompt\": \"a\", \"output\": \"a.gif\"}", ".png, .jpg or .webp")]
    public void BrokenLinesAreToldWithTheirNumber(string line, string reason)
    {
        PromptFile file = Read($"{{\"prompt\": \"good\"}}\n{line}\n{{\"prompt\": \"good too\"}}");

        Assert.Equal([1, 3], file.Jobs.Select(job => job.Line));
        string problem = Assert.Single(file.Problems);
        Assert.Contains(", line 2: ", problem);
        Assert.Contains(reason, problem);
        Assert.DoesNotContain("NexusGen.Cli", problem);
    }

    [Fact]
    public void TwoLinesCannotWriteOneFile()
    {
        PromptFile file = Read("{\"prompt\": \"a\", \"output\": \"x.png\"}\n{\"prompt\": \"b\", \"output\": \"./x.png\"}");

        Assert.Contains("that of line 1", Assert.Single(file.Problems));
    }

    [Fact]
    public void AFileWithoutPromptsIsRefused()
    {
        Assert.Contains("There are no prompts", Assert.Throws<NexusGenException>(() => Read("\n \n")).Message);
        Assert.Contains("can't be read", Assert.Throws<NexusGenException>(() => PromptFile.Read("/no/such/file", Common, new OutputName("a.png"))).Message);
    }

    private static PromptFile Read(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["prompts.jsonl"], text);
        return PromptFile.Read(folder["prompts.jsonl"], Common, new OutputName(Path.Combine("out", "gen.png")));
    }
}
