using System.Text.Json;
using NexusGen.Cli.Training;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Cli;

public class ThingsCommandTests
{
    [Theory]
    [InlineData("generate/two+position/en")]
    [InlineData("edit/copy/2/zh@test")]
    [InlineData("edit/recolour@composition")]
    [InlineData("understand/relations@validation")]
    [InlineData("edit/changes/en")]
    [InlineData("talk")]
    [InlineData("converse/another")]
    public async Task SamplesArePrintedAndAreTrainingData(string what)
    {
        CliRun run = await CliRun.Of("things", "samples", what, "--count", "3", "--seed", "6");
        Assert.Equal((0, ""), (run.Code, run.Error));

        ThingData data = ThingData.Open("things:" + what, 6)!;
        string[] lines = [.. run.Out.Split('\n').Where(line => line.Length > 0 && line[0] != ' ')];
        Assert.Equal(3, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            TrainingSample sample = data[i];
            Assert.EndsWith(string.Join(" | ", sample.Messages.Select(message => message.Content)), lines[i].TrimEnd('\r'));
            Assert.Equal(lines[i].Split("<image>").Length - 1, sample.Images.Count);
            Assert.All(sample.Images, image => Assert.Equal((192, 192), (image.Width, image.Height)));
            Assert.Equal("user", sample.Messages[0].Role);
            Assert.Equal("assistant", sample.Messages[^1].Role);
        }
    }

    [Theory]
    [InlineData("pictures")]
    [InlineData("pictures@validation")]
    public void ImagesHaveLabels(string what)
    {
        TrainingSample sample = ThingData.Open("things:" + what, 1)![0];
        Assert.Empty(sample.Messages);
        Assert.Equal(4, sample.Labels[0].Length);
    }

    [Theory]
    [InlineData("paint", "There is no data things:paint; there are pictures, understand, generate, edit, talk, converse.")]
    [InlineData("1", "There is no data things:1; there are pictures")]
    [InlineData("talk/two", "There is no category \"two\" of things:talk; there are talk, limit.")]
    [InlineData("edit/add+what", "There is no category \"what\" of things:edit; there are add, beside, ")]
    [InlineData("generate/9", "use 2 to 5")]
    [InlineData("edit/crowded/3", "leave out /3")]
    [InlineData("generate@train", "there are @validation, @test, @composition, and no @ is for training")]
    [InlineData("generate/single@composition", "the category single brings no new thing or colour")]
    [InlineData("talk@composition", "there are @validation, @test, and no @ is for training")]
    public async Task WhatThereIsNotIsSaidInASentence(string what, string sentence)
    {
        CliRun run = await CliRun.Of("things", "samples", what);
        Assert.NotEqual(0, run.Code);
        Assert.Contains(sentence, run.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVocabularyHasTheSizeThatIsAskedFor()
    {
        using var folder = new TemporaryFolder();
        CliRun run = await CliRun.Of("things", "tokenizer", "--output", folder.Path, "--size", "300");
        Assert.Equal((0, ""), (run.Code, run.Error));
        using var vocabulary = JsonDocument.Parse(File.ReadAllText(folder["vocab.json"]));
        Assert.Equal(300, vocabulary.RootElement.EnumerateObject().Count());
    }

    [Fact]
    public async Task ANewModelHasTheSizesOfAnother()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["things", "model", "--output", folder["mine"], "--like", CliRun.TinyModel];
        Assert.Equal(0, (await CliRun.Of(command)).Code);
        Assert.True(File.Exists(Path.Combine(folder["mine"], "Nexus-GenV2", "vocab.json")));

        CliRun again = await CliRun.Of(command);
        Assert.NotEqual(0, again.Code);
        Assert.Contains("already contains a model", again.Error, StringComparison.Ordinal);
    }
}
