using System.Runtime.InteropServices;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Reading tensor data: read, mapped, converted, on several threads, and from files that change.</summary>
public sealed class TensorReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ITensorStore Store(params (string Name, Tensor Value)[] tensors)
    {
        SafetensorsWriter.Write(_folder["a.safetensors"], tensors);
        return TensorStore.Open(_folder["a.safetensors"]);
    }

    // When run alone, this process maps a file before it does anything else with libtorch.
    [Fact]
    public void MappingMayBeTheFirstCall()
    {
        byte[] header = [.. """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  """u8];
        File.WriteAllBytes(
            _folder["a.safetensors"], [(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. header, .. TorchArchive.Floats(3, 4)]);
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        using Tensor a = store.TryMap(store.Entries["a"])!;
        Assert.Equal([3f, 4f], a.data<float>().ToArray());
    }

    [Fact]
    public void WhatIsMappedIsWhatIsRead()
    {
        string folder = Path.Combine(ReferenceFolder.Path, "models", "tiny", "FLUX", "FLUX.1-dev");
        foreach (string path in new[] { Path.Combine(folder, "text_encoder_2"), Path.Combine(folder, "ae.safetensors") })
        {
            using ITensorStore store = TensorStore.Open(path);
            foreach (TensorEntry entry in store.Entries.Values)
            {
                using Tensor read = store.Read(entry);
                using Tensor mapped = store.TryMap(entry) ?? throw new InvalidOperationException(entry.Name);
                Assert.Equal(entry.Shape.ToArray(), mapped.shape);
                Assert.Equal(entry.Type, mapped.dtype);
                Assert.True(mapped.Equals(read), entry.Name);
            }
        }
    }

    [Fact]
    public void EveryBFloat16WidensExactly()
    {
        // Written as bytes, to cover every bit pattern, including infinities and NaN.
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        byte[] pickle = new PickleBuilder().Tensor("BFloat16Storage", "0", 65536, 0, [65536], [1]).Stop();
        TorchArchive.Write(_folder["a.pt"], pickle, ("0", MemoryMarshal.AsBytes<ushort>(bits).ToArray()));
        using ITensorStore store = TensorStore.Open(_folder["a.pt"]);
        using Tensor value = store.Read(store.Entries["tensor"], ScalarType.Float32);
        float[] floats = value.data<float>().ToArray();
        for (int i = 0; i < bits.Length; i++)
        {
            float expected = BitConverter.Int32BitsToSingle(i << 16);
            Assert.True(floats[i] == expected || (float.IsNaN(floats[i]) && float.IsNaN(expected)), $"{i:X4}");
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32, ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float16)]
    [InlineData(ScalarType.Float32, TensorTypes.Float8E4M3)]
    [InlineData(ScalarType.BFloat16, TensorTypes.Float8E5M2)]
    public void ConvertingInChunksIsConvertingAtOnce(ScalarType stored, ScalarType wanted)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);

        // More than one chunk, with a partial last chunk.
        Tensor value = randn(1025, 2049).to(stored);
        using ITensorStore store = Store(("a", value));
        Tensor read = store.Read(store.Entries["a"], wanted);
        Assert.Equal(wanted, read.dtype);
        Assert.Equal([1025L, 2049], read.shape);
        Assert.True(read.to(ScalarType.Float32).Equals(value.to(wanted).to(ScalarType.Float32)));
    }

    [Fact]
    public void ALargeTensorIsReadInParallelToTheByte()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        Tensor value = randint(0, 256, [(40L << 20) + 12345], ScalarType.Byte);
        using ITensorStore store = Store(("a", value));
        Assert.True(store.Read(store.Entries["a"]).Equals(value));
    }

    [Fact]
    public async Task ThreadsReadAtOnce()
    {
        Tensor[] values = [.. Enumerable.Range(0, 8).Select(i => full(200_000 + i, i).DetachFromDisposeScope())];
        using ITensorStore store = Store([.. values.Select((value, i) => ($"t{i}", value))]);
        await Parallel.ForAsync(0, 64, (job, _) =>
        {
            TensorEntry entry = store.Entries[$"t{job % 8}"];
            using Tensor read = store.Read(entry, job % 3 == 0 ? ScalarType.BFloat16 : null);
            using Tensor mapped = store.TryMap(entry)!;
            using Tensor wide = read.to(ScalarType.Float32);
            Assert.True(wide.Equals(values[job % 8]));
            Assert.True(mapped.Equals(values[job % 8]));
            return ValueTask.CompletedTask;
        });
        Array.ForEach(values, value => value.Dispose());
    }

    [Fact]
    public void MappedTensorsAndTheirViewsOutliveTheStore()
    {
        using Tensor value = arange(100_000, dtype: ScalarType.Float32);
        ITensorStore store = Store(("a", value));
        Tensor mapped = store.TryMap(store.Entries["a"])!;
        Tensor second = store.TryMap(store.Entries["a"])!;
        Tensor view = mapped.narrow(0, 5, 10);
        store.Dispose();
        Assert.True(mapped.Equals(value));
        mapped.Dispose();
        Assert.Equal(95, view.sum().item<float>());
        view.Dispose();
        Assert.Equal(99_999, second[99_999].item<float>());
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.TryMap(store.Entries["a"]));
        Assert.Throws<ObjectDisposedException>(() => store.Read(store.Entries["a"]));
    }

    [Fact]
    public void AMappingIsReleasedWithItsLastTensor()
    {
        using Tensor value = ones(1000);
        ITensorStore store = Store(("a", value));
        Tensor mapped = store.TryMap(store.Entries["a"])!;
        store.Dispose();
        Assert.True(IsMapped());
        mapped.Dispose();
        Assert.False(IsMapped());

        bool IsMapped() => !OperatingSystem.IsLinux()
            ? !mapped.IsInvalid
            : File.ReadAllText("/proc/self/maps").Contains(_folder["a.safetensors"]);
    }

    [Fact]
    public void AMappedFileMayBeReplaced()
    {
        using Tensor value = ones(1000);
        using ITensorStore store = Store(("a", value));
        using Tensor mapped = store.TryMap(store.Entries["a"])!;
        using Tensor other = zeros(1000);
        SafetensorsWriter.Write(_folder["a.safetensors"], [("a", other)]);
        Assert.True(mapped.Equals(value));
    }

    [Fact]
    public void AFileThatWasCutAfterwardsIsSaid()
    {
        using Tensor value = ones(1000);
        using ITensorStore store = Store(("a", value));
        using (FileStream stream = new(_folder["a.safetensors"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(1000);
        }

        Said.By(() => store.Read(store.Entries["a"]), "ends at byte 1000", "truncated in the meantime");
        Said.By(() => store.Read(store.Entries["a"], ScalarType.Float64), "truncated in the meantime");
        Assert.Null(store.TryMap(store.Entries["a"]));
    }

    [Fact]
    public void ATensorThatIsNotAlignedIsReadAndNotMapped()
    {
        byte[] header =
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"""u8
                .ToArray();
        File.WriteAllBytes(
            _folder["a.safetensors"],
            [(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. header, 7, .. TorchArchive.Floats(2.5f)]);
        using ITensorStore store = TensorStore.Open(_folder["a.safetensors"]);
        using Tensor b = store.Read(store.Entries["b"]);
        Assert.Equal(2.5f, b.item<float>());
        Assert.NotEqual(0, store.Entries["b"].Offset % 4);
        Assert.Null(store.TryMap(store.Entries["b"]));
    }

    [Fact]
    public void StrangeBooleansAreTrueOrFalse()
    {
        byte[] pickle = new PickleBuilder().Tensor("BoolStorage", "0", 4, 0, [4], [1]).Stop();
        TorchArchive.Write(_folder["a.pt"], pickle, ("0", [0, 1, 2, 255]));
        using ITensorStore store = TensorStore.Open(_folder["a.pt"]);
        using Tensor value = store.Read(store.Entries["tensor"]);
        Assert.Equal([0, 1, 1, 1], value.bytes.ToArray());
        Assert.Null(store.TryMap(store.Entries["tensor"]));
    }

    [Fact]
    public void AnEntryOfAnotherFileOrSizeIsRefused()
    {
        using Tensor value = ones(10);
        using ITensorStore store = Store(("a", value));
        TensorEntry entry = store.Entries["a"];
        Assert.Throws<ArgumentException>(() => store.Read(entry with { File = "/etc/passwd" }));
        Assert.Throws<ArgumentException>(() => store.Read(entry with { Shape = [11] }));
        Assert.Throws<ArgumentException>(() => store.Read(entry with { Offset = entry.Offset + 1 }));
        Assert.Throws<ArgumentException>(() => store.TryMap(entry with { Offset = -1 }));
        Assert.Throws<ArgumentException>(() => store.Read(entry with { Strides = [-1] }));
    }

    [Fact]
    public void ReadingBelongsToTheCallersDisposeScope()
    {
        using Tensor value = ones(10);
        using ITensorStore store = Store(("a", value));
        Tensor read;
        Tensor mapped;
        using (NewDisposeScope())
        {
            read = store.Read(store.Entries["a"], ScalarType.BFloat16);
            mapped = store.TryMap(store.Entries["a"])!;
        }

        Assert.True(read.IsInvalid);
        Assert.True(mapped.IsInvalid);
    }
}
