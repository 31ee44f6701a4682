using NexusGen.Weights;
using NexusGen.Weights.Files.Pickle;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>What PyTorch archives hold: tensors, views, nested dictionaries and plain values.</summary>
public sealed class PickleArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private PickleArchive Load(byte[] pickle, params ReadOnlySpan<(string Key, byte[] Bytes)> storages) =>
        PickleArchive.Load(TorchArchive.Write(_folder["a.pt"], pickle, storages));

    [Theory]
    [InlineData("generation_decoder.bin", "adapter.0.weight")]
    [InlineData("edit_decoder.bin", "embedding_merger.projector.0.weight")]
    public void ReadsTheDecodersOfTheTinyModel(string file, string name)
    {
        using ITensorStore store = TensorStore.Open(Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2", file));
        Assert.Contains("pipe.dit.x_embedder.weight", store.Entries.Keys);
        foreach (TensorEntry entry in store.Entries.Values)
        {
            Assert.Equal(ScalarType.BFloat16, entry.Type);
            using Tensor value = store.Read(entry, ScalarType.Float32);
            Assert.True(value.isfinite().all().item<bool>(), entry.Name);
        }

        using Tensor mapped = store.TryMap(store.Entries.First(pair => pair.Key.StartsWith(name.Split('.')[0], StringComparison.Ordinal)).Value)!;
        Assert.Equal(ScalarType.BFloat16, mapped.dtype);
    }

    [Fact]
    public void ReadsWhatPythonsZipfileAndTorchAgreeOn()
    {
        // The first weights of the adapter, as Python's struct module unpacks them from the archive.
        using ITensorStore store = TensorStore.Open(Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2", "generation_decoder.bin"));
        using Tensor value = store.Read(store.Entries["adapter.0.weight"], ScalarType.Float32);
        Assert.Equal([96L, 64], value.shape);
        Assert.Equal(0.095703125f, value[0, 0].item<float>());
        Assert.Equal(-0.2177734375f, value[95, 63].item<float>());
    }

    [Fact]
    public void ReadsASavedStateDictionaryWithItsVersions()
    {
        byte[] pickle = new PickleBuilder().OrderedDictionary()
            .Op('(').Text("w").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op('u')
            .Op('}').Text("_metadata").OrderedDictionary().Op('s').Op('b').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(1, 2, 3, 4, 5, 6)));
        Assert.Equal(["w"], archive.Entries.Keys);
        using Tensor w = archive.Read(archive.Entries["w"]);
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], w.data<float>().ToArray());
    }

    [Fact]
    public void ReadsViewsOfSharedStorages()
    {
        byte[] pickle = new PickleBuilder().Op('}').Op('(')
            .Text("t").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("row").Tensor("FloatStorage", "0", 6, 3, [3], [1])
            .Text("column").Tensor("FloatStorage", "0", 6, 1, [2, 1], [3, 77]).Op('u').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(1, 2, 3, 4, 5, 6)));
        using Tensor t = archive.Read(archive.Entries["t"]);
        Assert.True(t.is_contiguous());
        Assert.Equal([1f, 4f, 2f, 5f, 3f, 6f], t.data<float>().ToArray());
        using Tensor row = archive.Read(archive.Entries["row"], ScalarType.Int64);
        Assert.Equal([4L, 5, 6], row.data<long>().ToArray());
        using Tensor column = archive.Read(archive.Entries["column"]);
        Assert.Equal([2f, 5f], column.data<float>().ToArray());
        Assert.Null(archive.TryMap(archive.Entries["t"]));
        using Tensor mapped = archive.TryMap(archive.Entries["row"])!;
        Assert.Equal([4f, 5f, 6f], mapped.data<float>().ToArray());
    }

    [Fact]
    public void ReadsScalarsAndEmptyTensors()
    {
        byte[] pickle = new PickleBuilder().Op('}').Op('(')
            .Text("s").Tensor("LongStorage", "0", 1, 0, [], [])
            .Text("e").Tensor("FloatStorage", "1", 0, 0, [0, 3], [3, 1]).Op('u').Stop();
        using PickleArchive archive = Load(pickle, ("0", [7, 0, 0, 0, 0, 0, 0, 0]), ("1", []));
        using Tensor s = archive.Read(archive.Entries["s"]);
        Assert.Equal(7, s.item<long>());
        using Tensor e = archive.Read(archive.Entries["e"]);
        Assert.Equal([0L, 3], e.shape);
    }

    [Theory]
    [InlineData("DoubleStorage", ScalarType.Float64, 8)]
    [InlineData("FloatStorage", ScalarType.Float32, 4)]
    [InlineData("HalfStorage", ScalarType.Float16, 2)]
    [InlineData("BFloat16Storage", ScalarType.BFloat16, 2)]
    [InlineData("LongStorage", ScalarType.Int64, 8)]
    [InlineData("IntStorage", ScalarType.Int32, 4)]
    [InlineData("ShortStorage", ScalarType.Int16, 2)]
    [InlineData("CharStorage", ScalarType.Int8, 1)]
    [InlineData("ByteStorage", ScalarType.Byte, 1)]
    [InlineData("BoolStorage", ScalarType.Bool, 1)]
    public void ReadsEveryStorage(string storage, ScalarType type, int size)
    {
        using PickleArchive archive = Load(new PickleBuilder().Tensor(storage, "0", 3, 0, [3], [1]).Stop(), ("0", new byte[3 * size]));
        using Tensor value = archive.Read(Assert.IsType<TensorEntry>(archive.Root));
        Assert.Equal(type, value.dtype);
        Assert.Equal(0, value.to(ScalarType.Float32).sum().item<float>());
    }

    [Fact]
    public void ReadsFloat8ThroughItsUntypedStorage()
    {
        byte[] pickle = new PickleBuilder().Global("torch._utils", "_rebuild_tensor_v3").Op('(')
            .Op('(').Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Int(2).Op('t').Op('Q')
            .Int(0).Tuple(2).Tuple(1).Raw(0x89).OrderedDictionary().Global("torch", "float8_e4m3fn").Op('t').Op('R').Stop();
        using PickleArchive archive = Load(pickle, ("0", [0x38, 0xC0]));
        using Tensor value = archive.Read(archive.Entries["tensor"], ScalarType.Float32);
        Assert.Equal([1f, -2f], value.data<float>().ToArray());
    }

    [Fact]
    public void ReadsParametersAndPlainValues()
    {
        byte[] pickle = new PickleBuilder(4).Op('}').Op('(')
            .Text("p").Global("torch._utils", "_rebuild_parameter").Op('(')
            .Tensor("FloatStorage", "0", 1, 0, [1], [1]).Raw(0x88).OrderedDictionary().Op('t').Op('R')
            .Text("size").Global("torch", "Size").Tuple(4, 5).Raw(0x85).Op('R')
            .Text("list").Op(']').Op('(').Int(-3).Float(0.5).Raw(0x88).Op('N').Raw(0x8C, 2).Raw("hi"u8).Op('e')
            .Int(7).Op(')').Op('u').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(9)));
        var root = Assert.IsAssignableFrom<IReadOnlyDictionary<object, object?>>(archive.Root);
        Assert.Equal("p", Assert.IsType<TensorEntry>(root["p"]).Name);
        Assert.Equal(new object?[] { 4L, 5L }, Assert.IsAssignableFrom<IReadOnlyList<object?>>(root["size"]));
        Assert.Equal(new object?[] { -3L, 0.5, true, null, "hi" }, Assert.IsAssignableFrom<IReadOnlyList<object?>>(root["list"]));
        Assert.Empty(Assert.IsAssignableFrom<IReadOnlyList<object?>>(root[7L]));
    }

    [Fact]
    public void ReadsADataSetOfRecords()
    {
        byte[] pickle = new PickleBuilder().Op(']').Op('(')
            .Op('}').Text("image").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s')
            .Op('}').Text("image").Tensor("FloatStorage", "0", 2, 1, [1], [1]).Op('s').Op('e').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(1, 2)));
        Assert.Equal(["0.image", "1.image"], archive.Entries.Keys);
        var records = Assert.IsAssignableFrom<IReadOnlyList<object?>>(archive.Root);
        var second = Assert.IsAssignableFrom<IReadOnlyDictionary<object, object?>>(records[1]);
        using Tensor image = archive.Read(Assert.IsType<TensorEntry>(second["image"]));
        Assert.Equal(2, image.item<float>());
    }

    [Fact]
    public void TakesTheModelOutOfATrainingCheckpoint()
    {
        byte[] pickle = new PickleBuilder().Op('}').Op('(')
            .Text("step").Int(5)
            .Text("module").Op('}').Text("state_dict").Op('}').Text("w").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Op('s')
            .Text("optimizer").Op('}').Text("m").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Op('u').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(1, 2)));
        Assert.Equal(["w"], archive.Entries.Keys);
        var root = Assert.IsAssignableFrom<IReadOnlyDictionary<object, object?>>(archive.Root);
        Assert.Equal(5L, root["step"]);
    }

    [Fact]
    public void NestedDictionariesWithoutAWrapperAreJoinedWithDots()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("encoder").Op('}').Text("w").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Op('s').Stop();
        using PickleArchive archive = Load(pickle, ("0", TorchArchive.Floats(1, 2)));
        Assert.Equal(["encoder.w"], archive.Entries.Keys);
    }

    [Fact]
    public void ReadsZip64Archives()
    {
        byte[] pickle = new PickleBuilder().Tensor("FloatStorage", "0", 2, 0, [2], [1]).Stop();
        ZipBuilder.Write(_folder["a.pt"], [new("x/data.pkl", pickle), new("x/data/0", TorchArchive.Floats(1, 2))], zip64: true);
        using PickleArchive archive = PickleArchive.Load(_folder["a.pt"]);
        using Tensor value = archive.Read(archive.Entries["tensor"]);
        Assert.Equal([1f, 2f], value.data<float>().ToArray());
    }

    [Fact]
    public void RefusesASafetensorsFileAsArchive()
    {
        using Tensor one = ones(1);
        SafetensorsWriter.Write(_folder["a.safetensors"], [("x", one)]);
        Said.By(() => PickleArchive.Load(_folder["a.safetensors"]), "not a PyTorch archive");
    }
}
