using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>An error in a command line is reported in one sentence, and nothing is started.</summary>
public class UsageTests
{
    [Theory]
    [InlineData("Unknown command genrate; did you mean generate?", "genrate", "cat")]
    [InlineData("Unknown command foo.", "foo")]
    [InlineData("Unknown option --stpes; did you mean --steps?", "generate", "--stpes", "5")]
    [InlineData("Unknown option --stpes; did you mean --steps?", "generate", "cat", "--stpes=5")]
    [InlineData("Unknown option --cfgscale; did you mean --cfg-scale?", "edit", "red", "--cfgscale", "5")]
    [InlineData("Unknown option --xyzzy.", "understand", "--xyzzy")]
    [InlineData("Unexpected argument 'dog'", "generate", "cat", "dog")]
    [InlineData("The prompt is missing", "generate")]
    [InlineData("The text is missing", "edit", "--image", "cat.png")]
    [InlineData("The text is missing", "edit", " ", "--image", "cat.png")]
    [InlineData("The text is given twice", "generate", "cat", "--prompt", "dog")]
    [InlineData("The image is missing", "edit", "Make it red")]
    [InlineData("The image is missing", "reconstruct")]
    [InlineData("Specify the image either as an argument or with --image, not both", "reconstruct", "a.png", "--image", "b.png")]
    [InlineData("The input is missing", "understand")]
    [InlineData("Specify either a prompt or --prompts, not both", "generate", "cat", "--prompts", "a.jsonl")]
    [InlineData("--steps must be an integer from 1 to 1000, not '0'", "generate", "cat", "--steps", "0")]
    [InlineData("--steps must be an integer from 1 to 1000, not 'many'", "generate", "cat", "--num-inference-steps", "many")]
    [InlineData("'--steps'", "generate", "cat", "--steps")]
    [InlineData("--width must be an integer from 1 to 8192, not '0'", "generate", "cat", "--width", "0")]
    [InlineData("--height must be an integer from 1 to 8192, not '-64'", "generate", "cat", "--height", "-64")]
    [InlineData("--width must be an integer from 1 to 8192, not '100000'", "edit", "red", "--width", "100000")]
    [InlineData(
        "--seed must be an integer from 0 to 18446744073709551615, or random, not '-2'", "generate", "cat", "--seed", "-2")]
    [InlineData("--seed must be", "generate", "cat", "--seed", "18446744073709551616")]
    [InlineData("--seed must be", "generate", "cat", "--seed", "1.5")]
    [InlineData("'--seed'", "generate", "cat", "--seed", "1", "--seed", "2")]
    [InlineData("--count 2 exceeds the largest seed", "generate", "cat", "--seed", "18446744073709551615", "--count", "2")]
    [InlineData("--count must be", "generate", "cat", "--count", "0")]
    [InlineData("--cfg-scale must be a number of at least 0, not 'NaN'", "generate", "cat", "--cfg-scale", "NaN")]
    [InlineData("--cfg-scale must be a number of at least 0, not 'Infinity'", "generate", "cat", "--cfg-scale", "Infinity")]
    [InlineData("--embedded-guidance must be", "generate", "cat", "--embedded-guidance", "-1")]
    [InlineData("--denoising-strength must be a number from 0 to 1, not '1.5'", "generate", "cat", "--denoising-strength", "1.5")]
    [InlineData("--denoising-strength requires --start-image", "generate", "cat", "--denoising-strength", "0.5")]
    [InlineData("--tea-cache must be", "generate", "cat", "--tea-cache", "x")]
    [InlineData("--temperature must be", "understand", "hello", "--temperature", "-0.1")]
    [InlineData("--top-p must be a number from 0 to 1, not '2'", "understand", "hello", "--top-p", "2")]
    [InlineData("--max-new-tokens must be", "understand", "hello", "--max-new-tokens", "0")]
    [InlineData("--max-pixels must be", "understand", "hello", "--max-pixels", "1")]
    [InlineData("--language must be en or zh, not 'fr'", "generate", "cat", "--language", "fr")]
    [InlineData("--precision must be auto, float32, bfloat16 or float16, not 'int8'", "generate", "cat", "--precision", "int8")]
    [InlineData(
        "--weights must be dense, fp8, int8, int4, stored, or formats of components, such as decoder=int4,language-model=int8 "
        + "(components: decoder, language-model, text-encoder), not 'int3'",
        "generate", "cat", "--weights", "int3")]
    [InlineData("--memory-budget must be a size such as 12GB", "generate", "cat", "--memory-budget", "12")]
    [InlineData("--threads must be an integer from 1 to 1024, not '0'", "generate", "cat", "--threads", "0")]
    [InlineData("--device must be cpu, cuda, cuda:1 or mps, not 'tpu'", "verify", ".", "--device", "tpu")]
    [InlineData("--device must be cpu, cuda, cuda:1 or mps, not 'gpu'", "train", "vision", "--device", "gpu")]
    [InlineData("--device must be cpu, cuda, cuda:1 or mps, not 'gpu'", "prepare", "editing", "--device", "gpu")]
    [InlineData("--device must be cpu, cuda, cuda:1 or mps, not 'cuda:x'", "ablate", "prefill", "--device", "cuda:x")]
    [InlineData("end it with .png, .jpg or .webp", "generate", "cat", "--output", "cat.gif")]
    [InlineData("--model must not be empty", "generate", "cat", "--model", "")]
    public async Task BadCommandLineIsToldInOneSentence(string sentence, params string[] arguments)
    {
        CliRun run = await CliRun.Of(arguments);

        Assert.Equal(ExitCode.InvalidUsage, run.Code);
        Assert.StartsWith("nexusgen: ", run.Error);
        Assert.Contains(sentence, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task AFileInThePlaceOfTheTextIsNoticed()
    {
        CliRun run = await CliRun.Of("understand", CliRun.Picture("cat.png"));

        Assert.Equal(ExitCode.InvalidUsage, run.Code);
        Assert.Contains("--image", run.Error);
    }

    [Fact]
    public async Task AProgramIsToldOfTheErrorAsJson()
    {
        CliRun run = await CliRun.Of("generate", "cat", "--json", "--steps", "0");

        Assert.Contains("--steps must be", JsonNode.Parse(run.Out)!["error"]!.GetValue<string>());
        Assert.StartsWith("nexusgen: --steps must be", run.Error);
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

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains($"  nexusgen {command}", run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..]);
        Assert.Contains($"nexusgen {command} ", run.Out[..run.Out.IndexOf("Examples:", StringComparison.Ordinal)]);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task WithoutACommandThereIsHelp()
    {
        CliRun run = await CliRun.Of();

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("understand", run.Out);
        Assert.Contains("130 cancelled by Ctrl-C", run.Out);
    }

    [Fact]
    public async Task VersionIsOneLine()
    {
        CliRun run = await CliRun.Of("--version");

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(@"^nexusgen \d+\.\d+\.\d+\s*$", run.Out);
    }
}
