using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>What is wrong with a command line is told in one sentence, and nothing is begun.</summary>
public class UsageTests
{
    [Theory]
    [InlineData("There is no command genrate; did you mean generate?", "genrate", "cat")]
    [InlineData("There is no command foo.", "foo")]
    [InlineData("There is no option --stpes; did you mean --steps?", "generate", "--stpes", "5")]
    [InlineData("There is no option --stpes; did you mean --steps?", "generate", "cat", "--stpes=5")]
    [InlineData("There is no option --cfgscale; did you mean --cfg-scale?", "edit", "red", "--cfgscale", "5")]
    [InlineData("There is no option --xyzzy.", "understand", "--xyzzy")]
    [InlineData("'dog' is one word too many", "generate", "cat", "dog")]
    [InlineData("The text is missing", "generate")]
    [InlineData("The text is missing", "edit", "--image", "cat.png")]
    [InlineData("The text is missing", "edit", " ", "--image", "cat.png")]
    [InlineData("The text is given twice", "generate", "cat", "--prompt", "dog")]
    [InlineData("The picture is missing", "edit", "Make it red")]
    [InlineData("The picture is missing", "reconstruct")]
    [InlineData("The picture is given twice", "reconstruct", "a.png", "--image", "b.png")]
    [InlineData("There is nothing to understand", "understand")]
    [InlineData("Give a prompt or --prompts, not both", "generate", "cat", "--prompts", "a.jsonl")]
    [InlineData("--steps takes a whole number from 1 to 1000, not '0'", "generate", "cat", "--steps", "0")]
    [InlineData("--steps takes a whole number from 1 to 1000, not 'many'", "generate", "cat", "--num-inference-steps", "many")]
    [InlineData("'--steps'", "generate", "cat", "--steps")]
    [InlineData("--width takes a whole number from 1 to 8192, not '0'", "generate", "cat", "--width", "0")]
    [InlineData("--height takes a whole number from 1 to 8192, not '-64'", "generate", "cat", "--height", "-64")]
    [InlineData("--width takes a whole number from 1 to 8192, not '100000'", "edit", "red", "--width", "100000")]
    [InlineData("--seed takes a whole number from 0 to 18446744073709551615, not '-1'", "generate", "cat", "--seed", "-1")]
    [InlineData("--seed takes", "generate", "cat", "--seed", "18446744073709551616")]
    [InlineData("--seed takes", "generate", "cat", "--seed", "1.5")]
    [InlineData("'--seed'", "generate", "cat", "--seed", "1", "--seed", "2")]
    [InlineData("--count 2 needs seeds beyond the last one", "generate", "cat", "--seed", "18446744073709551615", "--count", "2")]
    [InlineData("--count takes", "generate", "cat", "--count", "0")]
    [InlineData("--cfg-scale takes a number of at least 0, not 'NaN'", "generate", "cat", "--cfg-scale", "NaN")]
    [InlineData("--cfg-scale takes a number of at least 0, not 'Infinity'", "generate", "cat", "--cfg-scale", "Infinity")]
    [InlineData("--embedded-guidance takes", "generate", "cat", "--embedded-guidance", "-1")]
    [InlineData("--denoising-strength takes a number from 0 to 1, not '1.5'", "generate", "cat", "--denoising-strength", "1.5")]
    [InlineData("--denoising-strength needs a --start-image", "generate", "cat", "--denoising-strength", "0.5")]
    [InlineData("--tea-cache takes", "generate", "cat", "--tea-cache", "x")]
    [InlineData("--temperature takes", "understand", "hello", "--temperature", "-0.1")]
    [InlineData("--top-p takes a number from 0 to 1, not '2'", "understand", "hello", "--top-p", "2")]
    [InlineData("--max-new-tokens takes", "understand", "hello", "--max-new-tokens", "0")]
    [InlineData("--max-pixels takes", "understand", "hello", "--max-pixels", "1")]
    [InlineData("--language takes en or zh, not 'fr'", "generate", "cat", "--language", "fr")]
    [InlineData("--precision takes auto, float32, bfloat16 or float16, not 'int8'", "generate", "cat", "--precision", "int8")]
    [InlineData("--weights takes dense or fp8, not 'int4'", "generate", "cat", "--weights", "int4")]
    [InlineData("--memory-budget takes a size like 12GB", "generate", "cat", "--memory-budget", "12")]
    [InlineData("--threads takes a whole number from 1 to 1024, not '0'", "generate", "cat", "--threads", "0")]
    [InlineData("--device takes cpu, cuda, cuda:1 or mps, not 'tpu'", "verify", ".", "--device", "tpu")]
    [InlineData("--device takes cpu, cuda, cuda:1 or mps, not 'gpu'", "train", "vision", "--device", "gpu")]
    [InlineData("--device takes cpu, cuda, cuda:1 or mps, not 'gpu'", "prepare", "editing", "--device", "gpu")]
    [InlineData("--device takes cpu, cuda, cuda:1 or mps, not 'cuda:x'", "ablate", "prefill", "--device", "cuda:x")]
    [InlineData("end it with .png, .jpg or .webp", "generate", "cat", "--output", "cat.gif")]
    [InlineData("--model is empty", "generate", "cat", "--model", "")]
    public async Task BadCommandLineIsToldInOneSentence(string sentence, params string[] arguments)
    {
        CliRun run = await CliRun.Of(arguments);

        Assert.Equal(ExitCode.BadUsage, run.Code);
        Assert.StartsWith("nexusgen: ", run.Error);
        Assert.Contains(sentence, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task AFileInThePlaceOfTheTextIsNoticed()
    {
        CliRun run = await CliRun.Of("understand", CliRun.Picture("cat.png"));

        Assert.Equal(ExitCode.BadUsage, run.Code);
        Assert.Contains("--image", run.Error);
    }

    [Fact]
    public async Task AProgramIsToldOfTheErrorAsJson()
    {
        CliRun run = await CliRun.Of("generate", "cat", "--json", "--steps", "0");

        Assert.Contains("--steps takes", JsonNode.Parse(run.Out)!["error"]!.GetValue<string>());
        Assert.StartsWith("nexusgen: --steps takes", run.Error);
    }

    [Fact]
    public async Task DebugShowsWhereAnErrorComesFrom()
    {
        string[] line = ["generate", "cat", "--model", "/no/such/folder"];

        CliRun plain = await CliRun.Of(line), debug = await CliRun.Of([.. line, "--debug"]);

        Assert.Equal(ExitCode.Failed, plain.Code);
        Assert.DoesNotContain("   at ", plain.Error);
        Assert.Contains("   at ", debug.Error);
    }

    [Theory]
    [InlineData("generate")]
    [InlineData("edit")]
    [InlineData("understand")]
    [InlineData("reconstruct")]
    [InlineData("chat")]
    [InlineData("inspect")]
    [InlineData("verify")]
    [InlineData("demo")]
    public async Task HelpShowsExamples(string command)
    {
        CliRun run = await CliRun.Of(command, "--help");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Contains($"  nexusgen {command}", run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..]);
        Assert.Contains($"nexusgen {command} ", run.Out[..run.Out.IndexOf("Examples:", StringComparison.Ordinal)]);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task WithoutACommandThereIsHelp()
    {
        CliRun run = await CliRun.Of();

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Contains("understand", run.Out);
        Assert.Contains("130 ended by Ctrl-C", run.Out);
    }

    [Fact]
    public async Task VersionIsOneLine()
    {
        CliRun run = await CliRun.Of("--version");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Matches(@"^nexusgen \d+\.\d+\.\d+\s*$", run.Out);
    }
}
