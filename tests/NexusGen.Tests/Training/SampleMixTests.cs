using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

/// <summary>Files and worlds mixed by weight.</summary>
public sealed class SampleMixTests
{
    private const string Line = """{"images": [], "messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "REPLY"}]}""";

    [Fact]
    public void SourcesComeByTheirWeights()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", Line.Replace("REPLY", "file", StringComparison.Ordinal) + "\n");
        using var mix = new SampleMix([new DataSource { Path = file }, new DataSource { Path = "world:x", Weight = 3 }], 7, (_, seed) => new World(seed));
        string[] said = [.. Enumerable.Range(0, 4000).Select(i => mix[i].Messages[^1].Content)];
        Assert.InRange(said.Count(text => text == "file"), 850, 1150);
        Assert.Equal(said[17], mix[17].Messages[^1].Content);
        Assert.Equal($"world 17", new World(0)[17].Messages[^1].Content);
    }

    [Fact]
    public void ABrokenRecordIsLeftOutAndReported()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", Line.Replace("REPLY", "good", StringComparison.Ordinal) + "\n" + Line.Replace("REPLY", "bad", StringComparison.Ordinal) + "\n");
        List<string> reported = [];
        using var mix = new SampleMix([new DataSource { Path = file }], 1, check: Check, report: broken => reported.Add(broken.ToString()));
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal("good", mix[i].Messages[^1].Content));
        Assert.Contains("is bad", Assert.Single(reported));
        static void Check(TrainingSample sample)
        {
            if (sample.Messages[^1].Content == "bad")
            {
                throw new TrainingException("is bad");
            }
        }
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Assert.Contains("at least one source", Assert.Throws<TrainingException>(() => new SampleMix([], 0)).Message);
        Assert.Contains("\"mars:x\"", Assert.Throws<TrainingException>(() => new SampleMix([new DataSource { Path = "mars:x" }], 0, (_, _) => null)).Message);
        Assert.Throws<TrainingException>(() => new SampleMix([new DataSource { Path = "world:x", Weight = 0 }], 0, (_, seed) => new World(seed)));
    }

    private sealed class World(ulong seed) : ISampleData<TrainingSample>
    {
        public TrainingSample this[long place] => new([new TrainingMessage("user", $"{seed}"), new TrainingMessage("assistant", $"world {place}")], []);
    }
}
