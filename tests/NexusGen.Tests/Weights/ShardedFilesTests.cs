using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Sharded checkpoints.</summary>
public sealed class ShardedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Shard(string file, params string[] names)
    {
        using Tensor one = ones(2);
        SafetensorsWriter.Write(_folder[file], names.Select(name => (name, one)));
    }

    private string Index(string json)
    {
        File.WriteAllText(_folder["model.safetensors.index.json"], json);
        return _folder["model.safetensors.index.json"];
    }

    [Fact]
    public void OpensAFolderByItsIndex()
    {
        Shard("x.safetensors", "a", "b");
        Shard("y.safetensors", "c");
        Index("""{"metadata":{"total_size":24},"weight_map":{"c":"y.safetensors","a":"x.safetensors","b":"x.safetensors"}}""");
        using ITensorStore store = TensorStore.Open(_folder.Path);
        Assert.Equal(["a", "b", "c"], store.Entries.Keys);
        Assert.Equal(_folder["y.safetensors"], store.Entries["c"].File);
        using Tensor c = store.Read(store.Entries["c"]);
        Assert.Equal(2, c.sum().item<float>());
    }

    [Fact]
    public void OpensAFolderWithOneFile()
    {
        Shard("model.safetensors", "a");
        File.WriteAllText(_folder["config.json"], "{}");
        using ITensorStore store = TensorStore.Open(_folder.Path);
        Assert.Equal(["a"], store.Entries.Keys);
    }

    [Fact]
    public void OpensACompleteSetWithoutIndex()
    {
        Shard("model-00001-of-00002.safetensors", "a");
        Shard("model-00002-of-00002.safetensors", "b");
        using ITensorStore store = TensorStore.Open(_folder.Path);
        Assert.Equal(["a", "b"], store.Entries.Keys);
    }

    [Fact]
    public void OpensAnIndexOfPyTorchArchives()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("a").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Stop();
        TorchArchive.Write(_folder["pytorch_model-00001-of-00001.bin"], pickle, ("0", TorchArchive.Floats(1, 2)));
        File.WriteAllText(_folder["pytorch_model.bin.index.json"], """{"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}}""");
        using ITensorStore store = TensorStore.Open(_folder.Path);
        using Tensor a = store.Read(store.Entries["a"]);
        Assert.Equal([1f, 2f], a.data<float>().ToArray());
    }

    private string Archive(string file, string name)
    {
        byte[] pickle = new PickleBuilder().Op('}').Text(name).Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Stop();
        return TorchArchive.Write(_folder[file], pickle, ("0", TorchArchive.Floats(1, 2)));
    }

    [Fact]
    public void TheNamesOfTransformersComeFirstInItsOrder()
    {
        Shard("generation_decoder.safetensors", "decoder");
        Archive("edit_decoder.bin", "other");
        Archive("pytorch_model-00001-of-00001.bin", "d");
        File.WriteAllText(_folder["pytorch_model.bin.index.json"], """{"weight_map":{"d":"pytorch_model-00001-of-00001.bin"}}""");
        Assert.Equal(["d"], Opened());
        Archive("pytorch_model.bin", "c");
        Assert.Equal(["c"], Opened());
        Shard("model-00001-of-00001.safetensors", "b");
        Index("""{"weight_map":{"b":"model-00001-of-00001.safetensors"}}""");
        Assert.Equal(["b"], Opened());
        Shard("model.safetensors", "a");
        Assert.Equal(["a"], Opened());
    }

    [Fact]
    public void ShardsWithTheNamesOfTransformersNeedNoIndexBesideOtherFiles()
    {
        Archive("edit_decoder.bin", "other");
        Archive("pytorch_model-00001-of-00002.bin", "a");
        Archive("pytorch_model-00002-of-00002.bin", "b");
        Assert.Equal(["a", "b"], Opened());
        Shard("generation_decoder.safetensors", "decoder");
        Shard("model-00001-of-00001.safetensors", "c");
        Assert.Equal(["c"], Opened());
    }

    [Fact]
    public void AnIndexMayBeginWithAByteOrderMark()
    {
        Shard("x.safetensors", "a");
        string index = Index("");
        File.WriteAllBytes(index, [0xEF, 0xBB, 0xBF, .. """{"weight_map":{"a":"x.safetensors"}}"""u8]);
        using ITensorStore store = TensorStore.Open(index);
        Assert.Equal(["a"], store.Entries.Keys);
    }

    private string[] Opened()
    {
        using ITensorStore store = TensorStore.Open(_folder.Path);
        return [.. store.Entries.Keys];
    }

    [Fact]
    public void OpensTheTinyModel()
    {
        using ITensorStore store = TensorStore.Open(Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2"));
        Assert.Equal(2, store.Entries.Values.Select(entry => entry.File).Distinct().Count());
        Assert.Contains("image_prefill_embeds.weight", store.Entries.Keys);
    }

    [Fact]
    public void RefusesASetThatIsNotComplete()
    {
        Shard("model-00001-of-00003.safetensors", "a");
        Shard("model-00003-of-00003.safetensors", "b");
        Said.ByOpening(_folder.Path, "lacks file 2 of the 3");
    }

    [Fact]
    public void RefusesSeveralFilesThatDoNotBelongTogether()
    {
        Shard("ae.safetensors", "a");
        Shard("flux.safetensors", "b");
        Said.ByOpening(_folder.Path, "several", "ae.safetensors, flux.safetensors");
    }

    [Fact]
    public void RefusesSeveralIndexes()
    {
        Index("""{"weight_map":{"a":"x.safetensors"}}""");
        File.Copy(_folder["model.safetensors.index.json"], _folder["model.fp16.safetensors.index.json"]);
        File.Move(_folder["model.safetensors.index.json"], _folder["model.fp32.safetensors.index.json"]);
        Said.ByOpening(_folder.Path, "several");
    }

    [Fact]
    public void RefusesAFolderWithoutWeights() => Said.ByOpening(_folder.Path, "contains no weights");

    [Fact]
    public void RefusesAMissingShard()
    {
        Shard("x.safetensors", "a");
        Said.ByOpening(
            Index("""{"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}"""),
            "y.safetensors is missing",
            "tensor b.");
    }

    [Fact]
    public void RefusesATensorInAnotherShardThanNamed()
    {
        Shard("x.safetensors", "a");
        Shard("y.safetensors", "b");
        Said.ByOpening(
            Index("""{"weight_map":{"a":"x.safetensors","b":"x.safetensors","c":"y.safetensors"}}"""),
            "tensor b is in x.safetensors",
            "it is in y.safetensors");
    }

    [Fact]
    public void RefusesATensorThatNoShardHas()
    {
        Shard("x.safetensors", "a");
        Said.ByOpening(Index("""{"weight_map":{"a":"x.safetensors","b":"x.safetensors"}}"""), "tensor b ", "none of its files");
    }

    [Fact]
    public void RefusesATensorInTwoShards()
    {
        Shard("x.safetensors", "a");
        Shard("y.safetensors", "a", "b");
        Said.ByOpening(
            Index("""{"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}"""),
            "tensor a ",
            "x.safetensors",
            "y.safetensors");
    }

    [Theory]
    [InlineData("../x.safetensors")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b.safetensors")]
    [InlineData("..\\\\x.safetensors")]
    [InlineData("C:x.safetensors")]
    [InlineData("")]
    public void RefusesAPathInPlaceOfAFileName(string name) =>
        Said.ByOpening(Index($$$"""{"weight_map":{"a":"{{{name}}}"}}"""), "tensor a ", "name of a file next to it");

    [Fact]
    public void RefusesANumberInPlaceOfAFileName() =>
        Said.ByOpening(Index("""{"weight_map":{"a":1}}"""), "tensor a ", "name of a file next to it");

    [Fact]
    public void RefusesATensorNamedTwice() =>
        Said.ByOpening(Index("""{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}"""), "tensor a twice");

    [Fact]
    public void RefusesAnIndexWithoutMap() => Said.ByOpening(Index("""{"metadata":{}}"""), "no weight_map");

    [Fact]
    public void RefusesAnIndexThatIsCut() => Said.ByOpening(Index("""{"weight_map":{"a":"x.safe"""), "not the JSON of an index");

    [Fact]
    public void RefusesAnIndexAsShardOfAnIndex() =>
        Said.ByOpening(Index("""{"weight_map":{"a":"model.safetensors.index.json"}}"""), "is JSON, not weights");
}
