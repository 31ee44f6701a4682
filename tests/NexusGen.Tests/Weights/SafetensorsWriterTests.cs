using System.Text.Json;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Writing: round trips, order, shards, and that no existing file is lost.</summary>
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ScalarType> AllTypes =>
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16,
        TensorTypes.Float8E4M3, TensorTypes.Float8E5M2,
        ScalarType.Int64, ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void EveryTypeComesBack(ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor value = tensor([0f, 1f, 2f, 3f, 0f, 96f]).reshape(2, 3).to(type);
        SafetensorsWriter.Write(_folder["a.safetensors"], [("x", value)]);
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        TensorEntry entry = store.Entries["x"];
        Tensor back = store.Read(entry);
        Assert.Equal(type, entry.Type);
        Assert.Equal(type, back.dtype);
        Assert.Equal([2L, 3], back.shape);
        Assert.True(back.to(ScalarType.Float32).Equals(value.to(ScalarType.Float32)));
    }

    [Fact]
    public void ViewsScalarsAndEmptyTensorsComeBack()
    {
        using var scope = NewDisposeScope();
        Tensor value = arange(6, dtype: ScalarType.Float32).reshape(2, 3);
        SafetensorsWriter.Write(
            _folder["a.safetensors"],
            [("t", value.t()), ("s", tensor(5f)), ("n", zeros(0, 4)), ("g", value.clone().requires_grad_())]);
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        Assert.True(store.Read(store.Entries["t"]).Equals(value.t()));
        Assert.Equal(5, store.Read(store.Entries["s"]).item<float>());
        Assert.Equal([0L, 4], store.Read(store.Entries["n"]).shape);
        Assert.True(store.Read(store.Entries["g"]).Equals(value));
    }

    [Fact]
    public void TensorsStandBySizeOfElementAndNameAndAligned()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            _folder["a.safetensors"],
            [("b", ones(3, ScalarType.Byte)), ("d", ones(1)), ("c", ones(3, ScalarType.Int64)), ("a", ones(5))],
            new Dictionary<string, string> { ["made by"] = "a \"test\"" });
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        Assert.Equal(["c", "a", "d", "b"], store.Entries.Keys);
        Assert.Equal(0, store.Entries["c"].Offset % 64);
        Assert.Equal("a \"test\"", store.Metadata["made by"]);
    }

    [Fact]
    public void TheSameTensorsGiveTheSameBytes()
    {
        using Tensor one = ones(3);
        SafetensorsWriter.Write(_folder["a"], [("x", one), ("y", one)]);
        SafetensorsWriter.Write(_folder["b"], [("y", one), ("x", one)]);
        Assert.Equal(File.ReadAllBytes(_folder["a"]), File.ReadAllBytes(_folder["b"]));
    }

    [Fact]
    public void ConvertsOnTheWay()
    {
        using Tensor value = linspace(-3, 3, 100);
        SafetensorsWriter.Write(_folder["a.safetensors"], [TensorToWrite.Of("x", value, ScalarType.BFloat16)]);
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        using Tensor back = store.Read(store.Entries["x"]);
        using Tensor expected = value.to(ScalarType.BFloat16);
        Assert.True(back.Equals(expected));
    }

    [Fact]
    public void MakesATensorOnlyWhenItsTurnComesAndDisposesIt()
    {
        Tensor? before = null;
        IEnumerable<TensorToWrite> tensors = Enumerable.Range(0, 5).Select(
            i => new TensorToWrite($"t{i}", ScalarType.Float32, [4], () =>
            {
                Assert.True(before is null || before.IsInvalid);
                return before = full(4, i);
            }));
        SafetensorsWriter.Write(_folder["a.safetensors"], tensors);
        Assert.True(before!.IsInvalid);
    }

    [Fact]
    public void ShardsFillUpToTheLimitAndTheIndexNamesThem()
    {
        using Tensor ten = ones(10);
        using Tensor hundred = ones(100);
        TensorToWrite[] tensors =
        [
            .. "abc".Select(name => TensorToWrite.Of($"{name}", ten)),
            TensorToWrite.Of("big", hundred),
            TensorToWrite.Of("d", ten)
        ];
        string path = SafetensorsWriter.WriteSharded(_folder.Path, tensors, maxShardBytes: 80);
        Assert.Equal(_folder["model.safetensors.index.json"], path);
        Assert.Equal(
            [
                "model-00001-of-00004.safetensors",
                "model-00002-of-00004.safetensors",
                "model-00003-of-00004.safetensors",
                "model-00004-of-00004.safetensors",
                "model.safetensors.index.json"
            ],
            _folder.Names);
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(560, index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
        using ITensorStore store = TensorStore.Open(_folder.Path);
        Assert.Equal(["a", "b", "c", "big", "d"], store.Entries.Keys);
        Assert.Equal(_folder["model-00003-of-00004.safetensors"], store.Entries["big"].File);
    }

    [Fact]
    public void ANewCheckpointReplacesTheOldOneWhole()
    {
        using Tensor one = ones(10);
        SafetensorsWriter.WriteSharded(_folder.Path, "abc".Select(name => TensorToWrite.Of($"{name}", one)), maxShardBytes: 40);
        File.WriteAllText(_folder["other.safetensors"], "not ours");
        SafetensorsWriter.WriteSharded(_folder.Path, "xy".Select(name => TensorToWrite.Of($"{name}", one)), maxShardBytes: 40);
        Assert.Equal(
            [
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "model.safetensors.index.json",
                "other.safetensors"
            ],
            _folder.Names);
        string path = SafetensorsWriter.WriteSharded(_folder.Path, [TensorToWrite.Of("z", one)]);
        Assert.Equal(["model.safetensors", "other.safetensors"], _folder.Names);
        using ITensorStore store = TensorStore.Open(path);
        Assert.Equal(["z"], store.Entries.Keys);
    }

    [Fact]
    public void AFailureLeavesTheOldFileAndNothingElse()
    {
        using Tensor one = ones(3);
        SafetensorsWriter.Write(_folder["a.safetensors"], [("x", one)]);
        byte[] before = File.ReadAllBytes(_folder["a.safetensors"]);
        TensorToWrite[] failing =
        [
            TensorToWrite.Of("x", one),
            new("y", ScalarType.Float32, [3], () => throw new InvalidDataException())
        ];
        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.Write(_folder["a.safetensors"], failing));
        Assert.Equal(["a.safetensors"], _folder.Names);
        Assert.Equal(before, File.ReadAllBytes(_folder["a.safetensors"]));
    }

    [Fact]
    public void AFailureInALaterShardLeavesTheOldCheckpoint()
    {
        using Tensor one = ones(10);
        SafetensorsWriter.WriteSharded(_folder.Path, "ab".Select(name => TensorToWrite.Of($"{name}", one)), maxShardBytes: 40);
        string[] names = _folder.Names;
        TensorToWrite[] failing =
        [
            TensorToWrite.Of("x", one),
            new("y", ScalarType.Float32, [10], () => throw new InvalidDataException())
        ];
        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.WriteSharded(_folder.Path, failing, maxShardBytes: 40));
        Assert.Equal(names, _folder.Names);
        using ITensorStore store = TensorStore.Open(_folder.Path);
        Assert.Equal(["a", "b"], store.Entries.Keys);
    }

    [Fact]
    public void CancellingLeavesNothing()
    {
        using var source = new CancellationTokenSource();
        TensorToWrite[] tensors =
        [
            new("x", ScalarType.Float32, [3], () =>
            {
                source.Cancel();
                return ones(3);
            }),
        ];
        Assert.Throws<OperationCanceledException>(
            () => SafetensorsWriter.Write(_folder["a.safetensors"], tensors, cancellation: source.Token));
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void ADiskWithoutRoomIsSaidAtOnceAndLeavesNothing()
    {
        TensorToWrite[] tensors =
            [new("x", ScalarType.Byte, [1L << 47], () => throw new InvalidDataException("must not be asked for"))];
        Said.By(() => SafetensorsWriter.Write(_folder["a.safetensors"], tensors), "Can't write", "a.safetensors");
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void RefusesAFolderThatIsAFile()
    {
        File.WriteAllText(_folder["f"], "");
        using Tensor one = ones(3);
        Said.By(() => SafetensorsWriter.Write(_folder["f/a.safetensors"], [("x", one)]), "Can't write");
    }

    [Fact]
    public void RefusesTwoTensorsOfOneName()
    {
        using Tensor one = ones(3);
        Said.By(() => SafetensorsWriter.Write(_folder["a.safetensors"], [("x", one), ("x", one)]), "x", "a.safetensors");
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void RefusesATypeThatTheFormatLacks()
    {
        using Tensor value = zeros(3, ScalarType.ComplexFloat32);
        Said.By(() => SafetensorsWriter.Write(_folder["a.safetensors"], [("x", value)]), "x", "ComplexFloat32");
    }

    [Fact]
    public void RefusesATensorThatIsNotAsAnnounced()
    {
        TensorToWrite[] tensors = [new("x", ScalarType.Float32, [3], () => ones(4))];
        Said.By(() => SafetensorsWriter.Write(_folder["a.safetensors"], tensors), "x", "[4]", "[3]");
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void RefusesATensorWithoutMemory()
    {
        using Tensor value = empty([3], device: META);
        Said.By(() => SafetensorsWriter.Write(_folder["a.safetensors"], [("x", value)]), "x", "meta");
    }

    [Fact]
    public void CopiesACheckpointThroughTheStore()
    {
        string source = Path.Combine(ReferenceFolder.Path, "models", "tiny", "FLUX", "FLUX.1-dev", "ae.safetensors");
        using ITensorStore store = TensorStore.Open(source);
        SafetensorsWriter.Write(
            _folder["copy.safetensors"], store.Entries.Values.Select(entry => TensorToWrite.Of(store, entry)));
        using ITensorStore copy = TensorStore.Open(_folder["copy.safetensors"]);
        Assert.Equal(store.Entries.Keys.Order(), copy.Entries.Keys.Order());
        foreach (TensorEntry entry in store.Entries.Values)
        {
            using Tensor a = store.Read(entry);
            using Tensor b = copy.Read(copy.Entries[entry.Name]);
            Assert.True(a.Equals(b), entry.Name);
        }
    }
}
