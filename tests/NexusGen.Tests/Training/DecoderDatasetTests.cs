using NexusGen.Training.Core;
using NexusGen.Training.Decoders;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Prepared data and the official data of the decoders.</summary>
public sealed class DecoderDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void EachEpochHasEachSampleOnceInAnOrderOfItsOwn()
    {
        WriteShards(3, 4);
        using var data = new DecoderDataset(_folder.Path, 5, editing: false);
        using var same = new DecoderDataset(_folder.Path, 5, editing: false);
        float[] Values(DecoderDataset from, long first) =>
            [.. Enumerable.Range(0, 7).Select(i => from[first + i].Target[0, 0].item<float>())];
        Assert.Equal(7, data.Count);
        Assert.Equal([0f, 1, 2, 3, 4, 5, 6], Values(data, 0).Order());
        Assert.Equal([0f, 1, 2, 3, 4, 5, 6], Values(data, 7).Order());
        Assert.NotEqual(Values(data, 0), Values(data, 7));
        Assert.Equal(Values(data, 7), Values(same, 7));
        DecoderSample sample = data[3];
        Assert.Equal(sample.Target[0, 0].item<float>(), sample.Latents![0, 0, 0].item<float>());
        Assert.Null(sample.Source);
    }

    [Fact]
    public void WhatIsNoPreparedDataIsRefused()
    {
        Assert.Contains(
            "Can't read the prepared data",
            Assert.Throws<TrainingException>(() => new DecoderDataset(_folder.Path, 0, editing: false)).Message);
        new DecoderDatasetIndex().Write(_folder.Path);
        Assert.Contains(
            "contains no prepared samples",
            Assert.Throws<TrainingException>(() => new DecoderDataset(_folder.Path, 0, editing: false)).Message);
        SafetensorsWriter.Write(_folder["a.safetensors"], [("other", zeros(1))]);
        new DecoderDatasetIndex { Shards = ["a.safetensors"] }.Write(_folder.Path);
        Assert.Contains(
            "no tensor drawn",
            Assert.Throws<TrainingException>(() => new DecoderDataset(_folder.Path, 0, editing: false)).Message);
    }

    [Fact]
    public void WhatWasPreparedForTheOtherDecoderIsRefused()
    {
        WriteShards(2);
        Assert.Contains(
            "was prepared for the generation decoder; use the output of `nexusgen prepare editing`",
            Assert.Throws<TrainingException>(() => new DecoderDataset(_folder.Path, 0, editing: true)).Message);
        SafetensorsWriter.Write(
            _folder["shard-0.safetensors"],
            [("drawn", zeros(1, 2, 3)), ("source", zeros(1, 2, 3)), ("latents", zeros(1, 2, 1, 1))]);
        Assert.Contains(
            "was prepared for the editing decoder",
            Assert.Throws<TrainingException>(() => new DecoderDataset(_folder.Path, 0, editing: false)).Message);
        using var data = new DecoderDataset(_folder.Path, 0, editing: true);
        Assert.NotNull(data[0].Source);
    }

    [Fact]
    public void SamplesOutliveTheirFile()
    {
        WriteShards(2);
        DecoderSample sample;
        using (var data = new DecoderDataset(_folder.Path, 0, editing: false))
        {
            sample = data[0];
        }

        float value = sample.Target[0, 0].item<float>();
        sample.Target.zero_();
        using var again = new DecoderDataset(_folder.Path, 0, editing: false);
        Assert.Equal(value, again[0].Target[0, 0].item<float>());
    }

    [Theory]
    [InlineData(false, """{"images": ["PICTURE"], "embed_path": "e.safetensors"}""")]
    [InlineData(true, """{"images": ["PICTURE", "PICTURE"], "embed_target": "e.safetensors", "embed_source": "e.safetensors"}""")]
    public void TheOfficialDataIsRead(bool editing, string line)
    {
        SafetensorsWriter.Write(_folder["e.safetensors"], [("embeddings", arange(12).view(1, 3, 4).to(ScalarType.BFloat16))]);
        string picture = Path.Combine(ReferenceFolder.Path, "images", "small.png").Replace('\\', '/');
        DecoderSample sample = OfficialDecoderData.Read(
            System.Text.Encoding.UTF8.GetBytes(line.Replace("PICTURE", picture, StringComparison.Ordinal)),
            _folder.Path,
            editing);
        Assert.Equal([3L, 4L], sample.Target.shape);
        Assert.Equal(ScalarType.Float32, sample.Target.dtype);
        Assert.Equal(editing, sample.Source is not null);
        Assert.NotNull(sample.Image);
    }

    [Theory]
    [InlineData("""{"images": []}""", "names 0 images")]
    [InlineData("""{"images": ["PICTURE"]}""", "is not a record")]
    [InlineData("""{"images": ["PICTURE"], "embed_path": "two.safetensors"}""", "contains 2 tensors")]
    [InlineData("""{"images": ["PICTURE"], "embed_path": "flat.safetensors"}""", "embeddings have the shape [3, 4]")]
    [InlineData(
        """{"images": ["PICTURE"], "embed_path": "few.safetensors"}""",
        "contains a tensor [2, 4], but embeddings have the shape [3, 4]")]
    public void WrongOfficialDataIsRefused(string line, string said)
    {
        SafetensorsWriter.Write(_folder["two.safetensors"], [("a", zeros(1, 1)), ("b", zeros(1, 1))]);
        SafetensorsWriter.Write(_folder["flat.safetensors"], [("a", zeros(4))]);
        SafetensorsWriter.Write(_folder["few.safetensors"], [("a", zeros(2, 4))]);
        string picture = Path.Combine(ReferenceFolder.Path, "images", "small.png").Replace('\\', '/');
        byte[] json = System.Text.Encoding.UTF8.GetBytes(line.Replace("PICTURE", picture, StringComparison.Ordinal));
        Assert.Contains(
            said,
            Assert.Throws<TrainingException>(() => OfficialDecoderData.Read(json, _folder.Path, editing: false, drawn: (3, 4)))
                .Message);
    }

    private void WriteShards(params int[] counts)
    {
        List<string> names = [];
        int first = 0;
        foreach (int count in counts)
        {
            Tensor numbers = arange(first, first + count).to(ScalarType.Float32);
            names.Add($"shard-{names.Count}.safetensors");
            SafetensorsWriter.Write(
                _folder[names[^1]],
                [
                    ("drawn", numbers.view(-1, 1, 1).expand(-1, 2, 3).contiguous()),
                    ("latents", numbers.view(-1, 1, 1, 1).expand(-1, 2, 1, 1).contiguous())
                ]);
            first += count;
        }

        new DecoderDatasetIndex { Shards = names, Samples = first }.Write(_folder.Path);
    }
}
