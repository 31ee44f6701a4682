using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>The content of valid GGUF files, and the refusal of everything invalid.</summary>
public sealed class GgufReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void PlainTensorsAreMappedAndBlocksAreRead(uint version)
    {
        byte[] block = [0, 0x3C, .. Enumerable.Range(0, 32).Select(i => (byte)(sbyte)(i - 16))];
        string path = Write(new GgufBuilder { Version = version }
            .Text("general.architecture", "test").Floats("plain", 1, 2, 3).Tensor("blocks", [32, 1], 8, block));
        using ITensorStore store = TensorStore.Open(path);
        using ITensorStore unmapped = TensorStore.Open(path, map: false);

        using Tensor mapped = store.TryMap(store.Entries["plain"])!;
        Assert.Equal([1f, 2, 3], mapped.data<float>().ToArray());
        Assert.Null(unmapped.TryMap(unmapped.Entries["plain"]));
        Assert.Null(store.TryMap(store.Entries["blocks"]));
        using Tensor read = store.Read(store.Entries["blocks"], ScalarType.BFloat16), wide = read.to(ScalarType.Float32);
        Assert.Equal([1L, 32], read.shape);
        Assert.Equal([.. Enumerable.Range(0, 32).Select(i => i - 16f)], wide.data<float>().ToArray());
        Assert.Equal("Q8_0", TensorTypes.NameOf(store.Entries["blocks"]));
        Assert.Equal("test", store.Metadata["general.architecture"]);
    }

    [Fact]
    public void LargeTensorsAreReadInPieces()
    {
        // More blocks than one piece, of which the last one is shorter.
        const int count = 5001;
        byte[] data = new byte[count * 34];
        for (int i = 0; i < count; i++)
        {
            BitConverter.GetBytes((Half)(i + 1 & 1023)).CopyTo(data, i * 34);
            data[(i * 34) + 2 + (i % 32)] = 3;
        }

        string path = Write(new GgufBuilder().Tensor("a", [32, count], 8, data));
        using ITensorStore store = TensorStore.Open(path);
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16])
        {
            using Tensor value = store.Read(store.Entries["a"], type), wide = value.to(ScalarType.Float32);
            float[] values = wide.data<float>().ToArray();
            for (int i = 0; i < count; i += 97)
            {
                using Tensor expected = tensor((i + 1 & 1023) * 3f).to(type).to(ScalarType.Float32);
                Assert.Equal(expected.item<float>(), values[(i * 32) + (i % 32)]);
                Assert.Equal(0, values[(i * 32) + ((i + 1) % 32)]);
            }
        }
    }

    [Fact]
    public void TypesThatOnlyHaveRareUsersAreReadOrNamed()
    {
        string folder = Path.Combine(ReferenceFolder.Path, "formats/cases/gguf-dequantize/rare");
        using ITensorStore store = TensorStore.Open(Path.Combine(folder, "rare.gguf"));
        using ITensorStore expected = TensorStore.Open(Path.Combine(folder, "tensors.safetensors"));
        List<string> refused = [];
        foreach ((string name, TensorEntry entry) in store.Entries)
        {
            if (!TensorTypes.IsReadable(entry))
            {
                refused.Add(TensorTypes.NameOf(entry));
                Said.By(() => store.Read(entry).Dispose(), TensorTypes.NameOf(entry), name);
                continue;
            }

            using Tensor value = store.Read(entry, ScalarType.Float32);
            using Tensor wanted = expected.Read(expected.Entries["expected." + name]);
            Assert.True(value.equal(wanted).all().item<bool>(), name);
        }

        Assert.Equal(["IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S", "IQ1_M"], refused);
    }

    [Fact]
    public void AWrongHeaderIsRefused()
    {
        Refused(new GgufBuilder { ClaimedTensors = 1UL << 61 }.Floats("a", 1), "claims 2305843009213693952 tensors");
        Refused(new GgufBuilder { ClaimedPairs = ulong.MaxValue }.Floats("a", 1), "metadata values");
        Refused(new GgufBuilder { Version = 1 }, "version 1");
        Refused(new GgufBuilder { Version = 0x03000000 }, "big-endian");
        Refused(new GgufBuilder { Version = 4 }, "version 4");
        Refused(new GgufBuilder().Pair("long", 8, BitConverter.GetBytes(1UL << 60)), "1152921504606846976 bytes", "long");
        Refused(
            new GgufBuilder().Pair("list", 9, [.. BitConverter.GetBytes(5), .. BitConverter.GetBytes(1UL << 60)]), "in list");
        Refused(new GgufBuilder().Pair("odd", 13, [0]), "odd", "unknown type 13");
        Refused(new GgufBuilder().Text("a", "1").Text("a", "2"), "has a twice");
        Refused(new GgufBuilder().Number("general.alignment", 24).Floats("a", 1), "alignment", "24");
        Refused(new GgufBuilder().Number("general.alignment", 0).Floats("a", 1), "alignment");
        Refused(new GgufBuilder().Text("general.alignment", "32").Floats("a", 1), "alignment");
    }

    [Fact]
    public void AWrongTensorIsRefusedByName()
    {
        byte[] block = new byte[34];
        Refused(new GgufBuilder().Floats("same", 1).Floats("same", 2), "same", "twice");
        Refused(new GgufBuilder().Tensor("t", [32], 31, block), "tensor t", "type 31");
        Refused(new GgufBuilder().Tensor("t", [32], 4711, block), "tensor t", "type 4711");
        Refused(new GgufBuilder().Tensor("t", [33], 8, block), "tensor t", "33 columns");
        Refused(new GgufBuilder().Tensor("t", [32, 9], 8, block), "tensor t", "truncated");
        Refused(new GgufBuilder().Tensor("t", [1UL << 62, 1UL << 62], 0, block), "tensor t", "limits");
        Refused(new GgufBuilder().Tensor("t", [1UL << 63], 0, block), "tensor t", "9223372036854775808");
        Refused(new GgufBuilder().Tensor("t", [1, 1, 1, 1, 1], 0, block), "tensor t", "5 dimensions");
        Refused(new GgufBuilder().Tensor("t", [32], 8, block, offset: 8), "tensor t", "alignment");
        Refused(new GgufBuilder().Tensor("t", [32], 8, block, offset: ulong.MaxValue - 31), "tensor t", "truncated");
        Refused(new GgufBuilder().Floats("a", 1).Tensor("t", [1], 0, new byte[4], offset: 0), "a and t overlap");
        Refused(new GgufBuilder().Floats("a", 1).Tensor("t", [1], 0, new byte[200], offset: 64), "gap", "a and t");
        Refused(new GgufBuilder().Floats("", 1), "\"\"");
    }

    [Fact]
    public void MessagesHaveNoControlCharacters()
    {
        string path = Write(new GgufBuilder().Floats("a\u001b[2J\nb", 1));
        Said.ByOpening(path, @"a\u001b[2J\u000ab");
        Refused(new GgufBuilder().Text("k\u001b", "1").Text("k\u001b", "2"), @"k\u001b");
    }

    [Fact]
    public void ShortFilesAreRefused()
    {
        byte[] whole = new GgufBuilder().Text("general.architecture", "test").Floats("a", 1, 2, 3).Build();
        int data = whole.Length - 32;
        for (int length = 0; length < data + 12; length++)
        {
            File.WriteAllBytes(_folder["a.gguf"], whole[..length]);
            Said.ByOpening(_folder["a.gguf"], _folder["a.gguf"]);
        }
    }

    [Fact]
    public void MetadataKeepsItsTypes()
    {
        string path = Path.Combine(ReferenceFolder.Path, "formats/cases/gguf-dequantize/alignment/alignment.gguf");
        using WeightFile file = WeightFile.Open(path);
        var header = GgufHeader.Read(file);

        Assert.Equal((byte)200, header.Metadata["test.u8"]);
        Assert.Equal(9223372036854775813UL, header.Metadata["test.u64"]);
        Assert.Equal("é\n漢", header.Text("test.str"));
        Assert.Equal(128, header.Number("general.alignment"));
        Assert.Null(header.Number("test.i8"));
    }

    private string Write(GgufBuilder builder)
    {
        File.WriteAllBytes(_folder["a.gguf"], builder.Build());
        return _folder["a.gguf"];
    }

    private void Refused(GgufBuilder builder, params string[] said)
    {
        string path = Write(builder);
        Said.ByOpening(path, [.. said, path]);
    }
}
