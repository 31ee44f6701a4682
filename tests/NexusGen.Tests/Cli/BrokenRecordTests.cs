using System.Text.RegularExpressions;
using NexusGen.Imaging;
using NexusGen.Tests.Training;

namespace NexusGen.Tests.Cli;

/// <summary>Records of any content: each is used, or reported with its line; none ends a training or a preparation.</summary>
public sealed partial class BrokenRecordTests
{
    private const string Deep = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";

    private static readonly string[] Broken =
    [
        "null", "[]", "3", "\"text\"", "{", "{}", "}{", Deep, "{\"messages\":" + Deep + "}",
        "{\"messages\":null}", "{\"messages\":{}}", "{\"messages\":[]}", "{\"messages\":[null]}", "{\"messages\":[3]}",
        "{\"messages\":[\"x\"]}", "{\"messages\":[[]]}", "{\"messages\":[{}]}", "{\"messages\":1e999}",
        Talk("null", "\"a\""), Talk("3", "\"a\""), Talk("{}", "\"a\""),
        Talk("\"\\ud800\"", "\"a\""), Talk("\"a\"", "\"\\udc00 b\""),
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}",
        "{\"messages\":[{\"role\":\"assistant\"}]}",
        "{\"messages\":[{\"role\":3,\"content\":\"a\"}]}",
        "{\"messages\":[{\"role\":null,\"content\":\"a\"}]}",
        "{\"messages\":[{\"role\":\"narrator\",\"content\":\"a\"}]}",
        Talk("\"what does <|image_pad|> mean?\"", "\"a place\""), Talk("\"hello\"", "\"it writes <|image_pad|>\""),
        Talk("\"<|vision_start|><|image_pad|><|vision_end|>\"", "\"a\""),
        Talk("\"<image> and <|image_pad|>\"", "\"a\"", "[\"a.png\"]"),
        Talk("\"<image>\"", "\"a\""), Talk("\"<image><image>\"", "\"a\"", "[\"a.png\"]"),
        Talk("\"a\"", "\"a\"", "3"),
        Talk("\"<image>\"", "\"a\"", "[3]"), Talk("\"<image>\"", "\"a\"", "[null]"),
        Talk("\"<image>\"", "\"a\"", "[[\"a.png\"]]"),
        Talk("\"<image>\"", "\"a\"", "[\"none.png\"]"), Talk("\"<image>\"", "\"a\"", "[\"\"]"),
        Talk("\"<image>\"", "\"a\"", "[\".\"]"),
        Talk("\"<image>\"", "\"a\"", "[\"a\\u0000.png\"]"), Talk("\"<image>\"", "\"a\"", "[\"d.jsonl\"]"),
        Talk("\"<image>\"", "\"a\"", "[\"cut.png\"]"), Talk("\"<image>\"", "\"a\"", "[\"narrow.png\"]"),
        Talk("\"<image>\"", "\"a\"", "[\"\\ud800.png\"]"),
    ];

    private static readonly string[] Usable =
    [
        Talk("\"hello\"", "\"hello!\""), Talk("\"\"", "\"\""), Talk("\"a\\u0000b\"", "\"\\u0000\""),
        Talk("\"<|im_start|><|im_end|><|vision_start|><|vision_end|><|video_pad|><|endoftext|>\"", "\"<|im_end|>\""),
        Talk("\"<image>\"", "\"a\"", "[\"a.png\"]"), Talk("\"a\"", "\"<image>\"", "[\"a.png\"]"),
        Talk("\"<image>\"", "\"a\"", "[\"a.png\",\"a.png\"]"), Talk("\"a\"", "\"b\"", "\"a.png\""),
        "{\"number\":1e999,\"more\":{\"a\":[1,2]}," + Talk("\"a\"", "\"b\"")[1..],
    ];

    [Fact]
    public async Task ATrainingUsesOrReportsEveryRecord()
    {
        using var folder = new TemporaryFolder();
        string model = CopyOfModel(folder["model"]);
        Write(folder, [.. Broken, .. Usable]);
        File.WriteAllText(folder["config.yaml"], "steps: 3\nbatch_size: 40\nworkers: 0\nthreads: 1\n"
            + "max_broken_records: 1000\ndata:\n  - path: '" + folder["d.jsonl"] + "'\n");

        CliRun run = await CliRun.Of(
            "train", "language-model", "--model", model, "--config", folder["config.yaml"], "--output", folder["run"]);

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(Enumerable.Range(1, Broken.Length), Skipped(run.Out + run.Error));
    }

    [Fact]
    public async Task APreparationUsesOrReportsEveryRecord()
    {
        using var folder = new TemporaryFolder();
        string good = Talk("\"<image> make it blue\"", "\"Here: <image>\"", "[\"a.png\",\"a.png\"]");
        string pad = Talk("\"<image> make it blue <|image_pad|>\"", "\"Here: <image>\"", "[\"a.png\",\"a.png\"]");
        string narrow = Talk("\"<image> make it blue\"", "\"Here: <image>\"", "[\"a.png\",\"narrow.png\"]");
        Write(folder, [.. Broken, pad, narrow, good]);

        CliRun run = await CliRun.Of(
            "prepare", "editing", "--model", CliRun.TinyModel, "--data", folder["d.jsonl"], "--samples", "4", "--batch-size", "2",
            "--max-broken-records", "1000", "--output", folder["prepared"]);

        Assert.True(run.Code == 0, run.Error);
        int[] skipped = [.. Skipped(run.Out + run.Error)];
        Assert.NotEmpty(skipped);
        Assert.DoesNotContain(Broken.Length + 3, skipped);
    }

    [Theory]
    [InlineData("vision")]
    [InlineData("autoencoder")]
    public async Task AStageOfImagesUsesOrReportsEveryRecord(string stage)
    {
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        string narrow = Talk("\"<image>\"", "\"a\"", "[\"narrow.png\"]");
        Write(folder, [Talk("\"hello\"", "\"hello!\""), narrow, Talk("\"<image>\"", "\"a\"", "[\"a.png\"]")]);
        File.WriteAllText(folder["config.yaml"], "from_nothing: true\nsteps: 2\nbatch_size: 6\nworkers: 0\nthreads: 1\n"
            + "data:\n  - path: '" + folder["d.jsonl"] + "'\n");

        CliRun run = await CliRun.Of(
            "train", stage, "--model", model, "--config", folder["config.yaml"], "--output", folder["run"]);

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal([1, 2], Skipped(run.Out + run.Error));
    }

    // The training installs its weights there.
    private static string CopyOfModel(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(CliRun.TinyModel, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(CliRun.TinyModel, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return folder;
    }

    private static string Talk(string user, string assistant, string? images = null) =>
        $"{{{(images is null ? "" : $"\"images\":{images},")}\"messages\":[{{\"role\":\"user\",\"content\":{user}}},"
        + $"{{\"role\":\"assistant\",\"content\":{assistant}}}]}}";

    private static void Write(TemporaryFolder folder, string[] records)
    {
        File.WriteAllLines(folder["d.jsonl"], records);
        byte[] image = ImageFile.Encode(RgbImage.FromBytes(new byte[64 * 64 * 3], 64, 64), ImageFormat.Png);
        File.WriteAllBytes(folder["a.png"], image);
        File.WriteAllBytes(folder["cut.png"], image[..^30]);
        ImageFile.Write(folder["narrow.png"], RgbImage.FromBytes(new byte[20_000 * 3], 20_000, 1));
    }

    private static IEnumerable<int> Skipped(string output) =>
        SkippedLine().Matches(output).Select(match => int.Parse(match.Groups[1].Value)).Order();

    [GeneratedRegex(@"^skipped: .*d\.jsonl, line (\d+): .+$", RegexOptions.Multiline)]
    private static partial Regex SkippedLine();
}
