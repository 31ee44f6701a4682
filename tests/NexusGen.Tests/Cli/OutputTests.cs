using NexusGen.Cli.Core;
using NexusGen.Cli.Pictures;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Tests.Cli;

public class OutputTests
{
    [Fact]
    public void OtherPicturesGetANumberBeforeTheEnding()
    {
        var name = OutputName.Parse(Path.Combine("a.b", "cat.webp"), "gen_result.png");

        Assert.Equal([Path.Combine("a.b", "cat.webp"), Path.Combine("a.b", "cat-2.webp"), Path.Combine("a.b", "cat-3.webp")], Enumerable.Range(1, 3).Select(name.At));
        Assert.Equal(Path.Combine("a.b", "cat-0012-2.webp"), name.OfLine(12).At(2));
    }

    [Fact]
    public void AFolderGetsAFileOfTheUsualName()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal("gen_result.png", OutputName.Parse(null, "gen_result.png").Path);
        Assert.Equal(folder["gen_result.png"], OutputName.Parse(folder.Path, "gen_result.png").Path);
        Assert.Equal(Path.Combine("new", "gen_result.png"), OutputName.Parse("new/", "gen_result.png").Path.Replace('/', Path.DirectorySeparatorChar));
    }

    [Fact]
    public void AFolderMadeForNothingGoesAgain()
    {
        using var folder = new TemporaryFolder();

        using (new OutputFolder(folder["a/b"]))
        {
            Assert.True(Directory.Exists(folder["a/b"]));
            Assert.Empty(folder.Files);
        }

        Assert.False(Directory.Exists(folder["a"]));
    }

    [Fact]
    public void AFolderThatHoldsSomethingStays()
    {
        using var folder = new TemporaryFolder();

        using (new OutputFolder(folder["a/b"]))
        {
            File.WriteAllText(folder["a/b/c"], "");
        }

        Assert.Equal(["a/b/c"], folder.Files);
    }

    [Fact]
    public async Task WhatCannotBeWrittenIsToldBeforeTheWork()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        Directory.CreateDirectory(folder["taken.png"] + "/x");

        CliRun inFile = await CliRun.Of("generate", "cat", "--model", CliRun.TinyModel, "--output", folder["file/cat.png"]);
        CliRun readOnly = await CliRun.Of("generate", "cat", "--model", CliRun.TinyModel, "--output", "/proc/nothing/cat.png");

        Assert.Equal(ExitCode.Failed, inFile.Code);
        Assert.Contains("Nothing can be written to the folder", inFile.Error);
        Assert.Equal(ExitCode.Failed, readOnly.Code);
        Assert.Contains("choose another --output", readOnly.Error);
        Assert.Equal(["file"], folder.Files);
    }

    [Fact]
    public void LongTextsAreCutBetweenCharacters()
    {
        string text = new string('x', 3999) + "🐱" + new string('y', 100_000);

        Assert.Equal(new string('x', 3999) + "…", PictureParameters.Cut(text));
        Assert.Equal("short", PictureParameters.Cut("short"));
    }

    [Fact]
    public void ProgressInAFileIsSparse()
    {
        using var writer = new StringWriter();
        var clock = new SteppedClock();
        using var progress = new LineProgress(writer, clock);

        progress.Report(new ProgressReport(ProgressPhase.Denoising, 1, 50));
        clock.Seconds = 11;
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 12, 50));
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 13, 50));
        clock.Seconds = 22;
        progress.Report(new ProgressReport(ProgressPhase.Loading, 0, null, "T5"));

        Assert.Equal(["denoising 12/50", "loading T5"], writer.ToString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void TheRestIsEstimatedByWhatIsDone()
    {
        var clock = new SteppedClock { Seconds = 5 };
        var rest = new RemainingTime(10, clock);
        Assert.Equal("", rest.ToString());

        clock.Seconds += 80;
        rest.Skip(3);
        Assert.Equal("", rest.ToString());
        rest.Done(2);
        Assert.Equal(", 3 min 20 s left", rest.ToString());

        rest.Done(5);
        Assert.Equal("", rest.ToString());
    }

    [Fact]
    public void TheModelIsFoundUpwards()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a/b/c"]);
        Directory.CreateDirectory(folder["models/nexus-gen-tiny/Nexus-GenV2"]);
        Directory.CreateDirectory(folder["a/models/Nexus-GenV2"]);
        NexusGenException none = Assert.Throws<NexusGenException>(() => ModelFinder.Find(folder["a/b/c"]));
        Assert.Contains("--model", none.Message);

        // Sizes without weights are no model yet.
        File.WriteAllText(folder["models/nexus-gen-tiny/Nexus-GenV2/config.json"], "{}");
        Assert.Throws<NexusGenException>(() => ModelFinder.Find(folder["a/b/c"]));
        File.WriteAllText(folder["models/nexus-gen-tiny/Nexus-GenV2/edit_decoder.safetensors"], "");
        Assert.Equal(folder["models/nexus-gen-tiny"], ModelFinder.Find(folder["a/b/c"]));

        File.WriteAllText(folder["a/models/Nexus-GenV2/config.json"], "{}");
        File.WriteAllText(folder["a/models/Nexus-GenV2/edit_decoder.bin"], "");
        Assert.Equal(folder["a/models"], ModelFinder.Find(folder["a/b/c"]));
    }

    private sealed class SteppedClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
