using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Stages;

namespace NexusGen.Tests.Training;

public class ConfigurationFileTests
{
    [Fact]
    public void WhatIsNotNamedKeepsItsDefault()
    {
        ToyConfiguration read = ConfigurationFile.Parse<ToyConfiguration>(
            "learning_rate: 5e-4\nsteps: 20 # short\nema_decay: 0.99\nclip_norm: null\nprecision: bfloat16\n", "x");
        Assert.Equal(
            new ToyConfiguration
            {
                LearningRate = 5e-4,
                Steps = 20,
                EmaDecay = 0.99,
                ClipNorm = null,
                Precision = Precision.BFloat16
            },
            read);
        Assert.Equal(new ToyConfiguration(), ConfigurationFile.Parse<ToyConfiguration>("", "x"));
    }

    [Fact]
    public void EveryDefaultIsWrittenAndReadBack()
    {
        string text = ConfigurationFile.Write(new ToyConfiguration());
        Assert.Contains("\nbeta2: 0.999\n", text);
        Assert.Contains("\nepsilon: 1e-08\n", text);
        Assert.Contains("\nema_decay: null\n", text);
        Assert.Contains("\nschedule: cosine\n", text);
        Assert.Contains("\nprecision: float32\n", text);
        Assert.Contains("# Samples computed at once, on each rank if several train together.\nbatch_size: 32\n", text);
        Assert.Equal(new ToyConfiguration(), ConfigurationFile.Parse<ToyConfiguration>(text, "x"));
    }

    [Fact]
    public void CommentsNameOtherSettingsAsTheFileDoes() => Assert.Contains(
        "# The number of noisiest timesteps, of 1,000, for noisiest_share.\nnoisiest_timesteps: 20\n",
        ConfigurationFile.Write(new DecoderTrainingConfiguration()));

    [Theory]
    [InlineData("steps: 1\nlearning_rat: 1", "x, line 2: unknown key learning_rat; did you mean learning_rate?.")]
    [InlineData("quantum: 1", "x, line 1: unknown key quantum.")]
    [InlineData("\nsteps: many", "x, line 2: steps must be an integer, not \"many\".")]
    [InlineData("steps: \"5\"", "x, line 1: steps must be an integer, not \"5\".")]
    [InlineData("steps: 1.5", "x, line 1: steps must be an integer, not \"1.5\".")]
    [InlineData("batch_size: 3000000000", "x, line 1: batch_size must be an integer, not \"3000000000\".")]
    [InlineData("steps: null", "x, line 1: steps must be an integer, not null.")]
    [InlineData("steps: [1]", "x, line 1: steps must be an integer.")]
    [InlineData("learning_rate: .nan", "x, line 1: learning_rate must be a number, not \".nan\".")]
    [InlineData("keep_best: yes", "x, line 1: keep_best must be true or false, not \"yes\".")]
    [InlineData("schedule: linear", "x, line 1: schedule must be constant or cosine, not \"linear\".")]
    [InlineData("steps: 0", "x: steps must be at least 1.")]
    [InlineData("parallel: 2", "x: parallel must be at least 1 and at most accumulate.")]
    [InlineData("precision: float16", "x: precision must be float32 or bfloat16.")]
    [InlineData("- a", "x: a configuration must be one list of lines \"key: value\".")]
    public void WhatIsWrongIsSaidInASentence(string yaml, string message) =>
        Assert.Equal(
            message, Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<ToyConfiguration>(yaml, "x")).Message);

    [Theory]
    [InlineData("steps: 1\nsteps: 2")]
    [InlineData("steps: [1")]
    public void WhatIsNotYamlIsSaidWithItsLine(string yaml) =>
        Assert.StartsWith(
            "x, line ",
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<ToyConfiguration>(yaml, "x")).Message);

    [Fact]
    public void SectionsAndListsAreReadAndWritten()
    {
        const string yaml =
            "data:\n  - path: a.jsonl\n  - path: \"b c.jsonl\"\n    weight: 2.5\ninner:\n  sizes: [1, 2]\n  name: \"true\"\n";
        Nested read = ConfigurationFile.Parse<Nested>(yaml, "x");
        Assert.Equal([("a.jsonl", 1.0, 1), ("b c.jsonl", 2.5, 1)], read.Data.Select(Brief));
        Assert.Equal([1, 2], read.Inner.Sizes);
        Assert.Equal("true", read.Inner.Name);
        Nested again = ConfigurationFile.Parse<Nested>(ConfigurationFile.Write(read), "x");
        Assert.Equal(read.Data.Select(Brief), again.Data.Select(Brief));
        Assert.Equal((read.Inner.Name, 2), (again.Inner.Name, again.Inner.Sizes.Count));

        static (string, double, int) Brief(DataSource source) => (source.Path, source.Weight, source.Repeats);
    }

    [Theory]
    [InlineData("data:\n  - weight: 1", "x, line 2: the key path is required.")]
    [InlineData("data:\n  - path: a\n    wight: 1", "x, line 3: unknown key wight; did you mean weight?.")]
    [InlineData("data: a.jsonl", "x, line 1: data must be a list, not \"a.jsonl\".")]
    [InlineData("inner: 5", "x, line 1: inner must be a section of keys, not \"5\".")]
    [InlineData("inner:\n  sizes: [1, b]", "x, line 2: an item of sizes must be an integer, not \"b\".")]
    public void SectionsAndListsNameWhatIsWrong(string yaml, string message) =>
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<Nested>(yaml, "x")).Message);

    [Fact]
    public void OptionsStandAboveTheFile()
    {
        Nested read = ConfigurationFile.Parse<Nested>(
            "inner:\n  sizes: [1, 2]\n  name: a\n", "x", "inner.name=b", "data=[{path: c}]");
        Assert.Equal(("b", 2, "c"), (read.Inner.Name, read.Inner.Sizes.Count, read.Data[0].Path));
        Assert.Contains(
            "the option",
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<Nested>("", "x", "inner.nam=b")).Message);
        Assert.Contains(
            "key=value", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<Nested>("", "x", "inner")).Message);
        Assert.Contains(
            "at least 1",
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse<ToyConfiguration>("", "x", "steps=0")).Message);
    }

    // The stages check settings from code before they open the model.
    [Theory]
    [InlineData(0, 1e-3, 1.0, "language-model: steps must be at least 1.")]
    [InlineData(1, -1.0, 1.0, "language-model: learning_rate must be 0 or more.")]
    [InlineData(1, double.NaN, 1.0, "language-model: learning_rate must be 0 or more.")]
    [InlineData(1, double.PositiveInfinity, 1.0, "language-model: learning_rate must be a finite number.")]
    [InlineData(1, 1e-3, 0.0, "language-model: the weight of a source must be above 0.")]
    [InlineData(1, 1e-3, double.PositiveInfinity, "language-model: the weight of a source must be above 0.")]
    public void SettingsFromCodeAreCheckedAsThoseOfAFile(int steps, double rate, double weight, string message)
    {
        var configuration = new AutoregressiveTrainingConfiguration
        {
            Data = [new DataSource { Path = "x", Weight = weight }],
            Steps = steps,
            LearningRate = rate,
        };
        using var folder = new TemporaryFolder();
        string model = SmallModelFolder.Write(folder["model"]);
        var request = new StageRequest { Model = ModelPaths.Find(model), Folder = folder["run"] };
        Assert.Equal(
            message,
            Assert.Throws<ConfigurationException>(() => new LanguageModelStage().Run(request, configuration)).Message);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Contains(
            "nowhere.yaml",
            Assert.Throws<ConfigurationException>(() => ConfigurationFile.Read<ToyConfiguration>("nowhere.yaml")).Message);

    private sealed record Nested
    {
        public IReadOnlyList<DataSource> Data { get; init; } = [];

        public Section Inner { get; init; } = new();
    }

    private sealed record Section
    {
        public IReadOnlyList<int> Sizes { get; init; } = [];

        public string? Name { get; init; }
    }
}
