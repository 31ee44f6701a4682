using NexusGen.Cli.Batch;
using NexusGen.Cli.Images;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Tests.Cli;

public class PromptFileTests
{
    private static readonly GenerateRequest Common = new("") { Settings = new ImageSettings { Seed = 7, Steps = 3, Width = 64 } };

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
        Assert.Equal(
            ("a cat", ulong.MaxValue, ulong.MaxValue, 80, 3),
            (first.Description, first.Settings.Seed!.Value, first.Reply.Seed, first.Settings.Width!.Value,
                first.Settings.Steps!.Value));
        Assert.Equal(
            ("一只猫", 7ul, 64, 1.5, "dogs", 2),
            (second.Description, second.Settings.Seed!.Value, second.Settings.Width!.Value, second.Settings.CfgScale!.Value,
                second.Settings.NegativePrompt, second.Settings.Count));
        Assert.NotEqual(first.Language, second.Language);
        Assert.Equal(Path.Combine("out", "gen-0001.png"), file.Jobs[0].Name.Path);
        Assert.EndsWith(Path.Combine("out", "sub/cat.webp"), file.Jobs[1].Name.Path);
    }

    [Theory]
    [InlineData("a cat", "invalid JSON")]
    [InlineData("{\"prompt\": ", "invalid JSON")]
    [InlineData("null", "expected a JSON object, not null")]
    [InlineData("{}", "required field 'prompt' is missing")]
    [InlineData("[\"a cat\"]", "expected a JSON object such as")]
    [InlineData("{\"prompt\": \" \"}", "prompt is empty")]
    [InlineData("{\"prompt\": 3}", "'prompt' has the wrong type")]
    [InlineData("{\"prompt\": \"a\", \"sede\": 3}", "unknown field 'sede'")]
    [InlineData("{\"prompt\": \"a\", \"seed\": -3}", "'seed' has the wrong type or is out of range")]
    [InlineData("{\"prompt\": \"a\", \"width\": 0}", "width must be an integer from 1 to 8192")]
    [InlineData("{\"prompt\": \"a\", \"steps\": 1001}", "steps must be")]
    [InlineData("{\"prompt\": \"a\", \"count\": 0}", "count must be")]
    [InlineData("{\"prompt\": \"a\", \"language\": \"fr\"}", "language must be en or zh")]
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

        Assert.Contains("already used by line 1", Assert.Single(file.Problems));
    }

    [Fact]
    public void AFileWithoutPromptsIsRefused()
    {
        Assert.Contains("contains no prompts", Assert.Throws<NexusGenException>(() => Read("\n \n")).Message);
        Assert.Contains(
            "Can't read the prompts",
            Assert.Throws<NexusGenException>(() => PromptFile.Read("/no/such/file", Common, new OutputName("a.png"))).Message);
    }

    private static PromptFile Read(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["prompts.jsonl"], text);
        return PromptFile.Read(folder["prompts.jsonl"], Common, new OutputName(Path.Combine("out", "gen.png")));
    }
}
