using NexusGen.Tests.Training;

namespace NexusGen.Tests.Cli;

/// <summary>The commands of training: what is wrong is said in a sentence, and defaults are written out.</summary>
public sealed class TrainingUsageTests
{
    [Theory]
    [InlineData("Unknown stage 'painter'", "train", "painter")]
    [InlineData("The output folder is missing", "train", "vision")]
    [InlineData("unknown key stepz", "train", "vision", "--output", "x", "--set", "stepz=3")]
    [InlineData("data must name at least one source", "train", "vision", "--output", "x")]
    [InlineData(
        "Unknown training data \"shapesworld:cats\"", "train", "vision", "--output", "x", "--set", "from_nothing=true",
        "--set", "data=[{path: 'shapesworld:cats'}]")]
    [InlineData(
        "labels are not cropped", "train", "vision", "--output", "x", "--set", "from_nothing=true", "--set", "width=84",
        "--set", "data=[{path: 'shapesworld:pictures'}]")]
    [InlineData(
        "plain is true, but the model uses prefilled autoregression", "train", "language-model", "--output", "x",
        "--set", "data=[{path: 'shapesworld:talk'}]", "--set", "plain=true")]
    [InlineData(
        "vision_piece_weight requires train_vision", "train", "language-model", "--output", "x",
        "--set", "data=[{path: 'shapesworld:talk'}]", "--set", "vision_piece_weight=1")]
    [InlineData(
        "image_label_weight require vision_training", "train", "language-model", "--output", "x",
        "--set", "data=[{path: 'shapesworld:talk'}]", "--set", "image_label_weight=1")]
    [InlineData("Unknown decoder 'sculpture'", "prepare", "sculpture", "--output", "x")]
    [InlineData("The data is missing", "prepare", "editing", "--output", "x")]
    [InlineData("contains no checkpoint", "export", ".")]
    [InlineData("Unknown world 'mars'", "eval", "mars")]
    [InlineData("Unknown study 'sleep'", "ablate", "sleep")]
    [InlineData("Unknown suite 'dance'", "eval", "shapesworld", "--suite", "dance")]
    [InlineData("Unknown task 'sing'", "shapesworld", "samples", "sing")]
    public async Task WhatIsWrongIsSaidInASentence(string said, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string[] placed = [.. arguments.Select(word => word == "x" ? folder["x"] : word)];
        string[] needsModel = arguments[0] is "train" or "prepare" or "export"
            ? ["--model", SmallModelFolder.Write(folder["model"])]
            : [];
        CliRun run = await CliRun.Of([.. placed, .. needsModel]);
        Assert.NotEqual(0, run.Code);
        Assert.Contains(said, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    // Weights are replaced only in a folder that the command line names.
    [Theory]
    [InlineData("train", "vision", "--output", "x")]
    [InlineData("export", "runs/vision")]
    public async Task TheModelThatIsChangedHasToBeNamed(params string[] arguments)
    {
        CliRun run = await CliRun.Of(arguments);
        Assert.Equal(2, run.Code);
        Assert.Contains("The model is missing", run.Error);
    }

    [Theory]
    [InlineData("autoencoder", "guide_weight: 1")]
    [InlineData("vision", "piece_side: 14")]
    [InlineData("language-model", "image_loss_weight: 3")]
    [InlineData("generation-decoder", "condition_dropout: 0")]
    [InlineData("editing-decoder", "merger_from_language_model: true")]
    public async Task DefaultsAreWrittenOut(string stage, string line)
    {
        CliRun run = await CliRun.Of("train", stage, "--defaults");
        Assert.Equal(0, run.Code);
        Assert.Contains(line, run.Out.Split('\n'));
    }
}
