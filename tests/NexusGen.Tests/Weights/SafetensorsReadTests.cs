using System.Buffers.Binary;
using System.Text;
using NexusGen.Weights;
using NexusGen.Weights.Inspection;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>The valid content of a safetensors file, and the refusal of everything invalid.</summary>
public sealed class SafetensorsReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string json, int dataBytes) => Write(Encoding.UTF8.GetBytes(json), new byte[dataBytes]);

    private string Write(byte[] json, byte[] data, ulong? claimed = null)
    {
        string path = _folder["a.safetensors"];
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, claimed ?? (ulong)json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
        return path;
    }

    private static string Tensor(string name, string type, string shape, string range) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{range}}}";

    private void Refused(string json, int dataBytes, params string[] said)
    {
        string path = Write(json, dataBytes);
        Said.ByOpening(path, [.. said, path]);
    }

    [Fact]
    public void ReadsNamesShapesAndMetadataInFileOrder()
    {
        string path = Write(
            $"{{{Tensor("z", "F32", "[2,1]", "[0,8]")},\"__metadata__\":{{\"format\":\"pt\",\"by\":\"é\"}},"
                + $"{Tensor("a", "I64", "[]", "[8,16]")},{Tensor("e", "F16", "[3,0]", "[8,8]")}}}   ",
            16);
        using ITensorStore store = TensorStore.Open(path);
        Assert.Equal(["z", "e", "a"], store.Entries.Keys);
        Assert.Equal([2L, 1], store.Entries["z"].Shape.ToArray());
        Assert.Equal(ScalarType.Float32, store.Entries["z"].Type);
        Assert.Equal(1, store.Entries["a"].ElementCount);
        Assert.Equal(0, store.Entries["e"].ElementCount);
        Assert.Equal("é", store.Metadata["by"]);
        using Tensor scalar = store.Read(store.Entries["a"]);
        Assert.Empty(scalar.shape);
        using Tensor none = store.Read(store.Entries["e"]);
        Assert.Equal([3L, 0], none.shape);
    }

    [Theory]
    [InlineData("C64", 64)]
    [InlineData("U64", 64)]
    [InlineData("U32", 32)]
    [InlineData("U16", 16)]
    [InlineData("F8_E8M0", 8)]
    [InlineData("F8_E4M3FNUZ", 8)]
    [InlineData("F8_E5M2FNUZ", 8)]
    [InlineData("F6_E2M3", 6)]
    [InlineData("F6_E3M2", 6)]
    [InlineData("F4", 4)]
    public void TypesWithoutArithmeticAreListedAndNotRead(string type, int bits)
    {
        string path = Write($"{{{Tensor("a", type, "[2,4]", $"[0,{bits}]")}}}", bits);
        WeightReport report = WeightInspector.Inspect(path);
        Assert.Equal(new WeightTotal(type, 1, 8, bits), Assert.Single(report.Types));
        using ITensorStore store = TensorStore.Open(path);
        Said.By(
            () => store.Read(store.Entries["a"]), "tensor a ", path, $"the type {type}, ", "not computed with; convert", "F32");
        Said.By(() => store.TryMap(store.Entries["a"]), $"the type {type}, ");
    }

    [Fact]
    public void PackedElementsMustFillBytes() =>
        Refused($"{{{Tensor("a", "F4", "[3]", "[0,2]")}}}", 2, "tensor a ", "[3]", "doesn't fill bytes as F4");

    [Fact]
    public void ReadsAFileWithoutTensors()
    {
        using ITensorStore store = TensorStore.Open(Write("{}", 0));
        Assert.Empty(store.Entries);
    }

    [Fact]
    public void RefusesAnEmptyFile()
    {
        File.WriteAllBytes(_folder["a.safetensors"], []);
        Said.ByOpening(_folder["a.safetensors"], "empty");
    }

    [Fact]
    public void RefusesAFileOfAFewBytes()
    {
        File.WriteAllBytes(_folder["a.safetensors"], [1, 2, 3]);
        Said.ByOpening(_folder["a.safetensors"], "only 3 bytes");
    }

    [Fact]
    public void RefusesAHeaderBeyondTheFile() =>
        Said.ByOpening(Write("{}"u8.ToArray(), [], claimed: 500), "header of 500 bytes", "truncated");

    [Fact]
    public void RefusesAHeaderBeyondTheLimit() =>
        Said.ByOpening(Write("{}"u8.ToArray(), [], claimed: 100_000_001), "header of 100000001 bytes", "100000000");

    [Fact]
    public void RefusesAHeaderBeyondAllNumbers() =>
        Said.ByOpening(Write("{}"u8.ToArray(), [], claimed: ulong.MaxValue), "header of 18446744073709551615 bytes");

    [Fact]
    public void RefusesWhatIsNotJson() => Refused("{\"a\":", 0, "not the JSON");

    [Fact]
    public void RefusesAListInPlaceOfAnObject() => Refused("[1,2,3]", 0, "brace");

    [Fact]
    public void RefusesSomethingBehindTheObject() => Refused("{} x", 0, "not the JSON");

    [Fact]
    public void RefusesBytesThatAreNoUtf8() =>
        Said.ByOpening(Write([.. "{\""u8, 0xFF, 0xFE, .. "\":{}}"u8], []), "not the JSON");

    [Fact]
    public void RefusesDeepNesting() => Refused("{\"a\":{\"dtype\":" + new string('[', 100_000), 0, "a");

    [Fact]
    public void RefusesANumberInPlaceOfATensor() => Refused("{\"a\":1}", 0, "The value of a in the header");

    [Fact]
    public void RefusesADoubledName() =>
        Refused($"{{{Tensor("a", "U8", "[1]", "[0,1]")},{Tensor("a", "U8", "[1]", "[1,2]")}}}", 2, "names a twice");

    [Fact]
    public void RefusesADoubledField() =>
        Refused(
            "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            1,
            "tensor a ",
            "dtype twice");

    [Fact]
    public void RefusesAMissingField() => Refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "tensor a ", "lacks");

    [Fact]
    public void RefusesAnUnknownType() => Refused($"{{{Tensor("a", "F3", "[2]", "[0,1]")}}}", 1, "tensor a ", "type F3", "BF16");

    [Fact]
    public void RefusesATypeThatIsNoText() =>
        Refused("{\"a\":{\"dtype\":3,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor a ", "dtype");

    [Fact]
    public void RefusesANegativeSide() => Refused($"{{{Tensor("a", "U8", "[-1]", "[0,1]")}}}", 1, "tensor a ", "shape");

    [Fact]
    public void RefusesAFractionalSide() => Refused($"{{{Tensor("a", "U8", "[1.5]", "[0,1]")}}}", 1, "tensor a ", "shape");

    [Fact]
    public void RefusesANumberBeyond63Bits() =>
        Refused($"{{{Tensor("a", "U8", "[9223372036854775808]", "[0,1]")}}}", 1, "tensor a ", "shape");

    [Fact]
    public void RefusesAProductThatOverflows() =>
        Refused($"{{{Tensor("a", "U8", "[4294967296,4294967296,4294967296]", "[0,0]")}}}", 0, "tensor a ", "exceeds all limits");

    [Fact]
    public void RefusesAnOverflowHiddenByAnEmptySide() =>
        Refused($"{{{Tensor("a", "U8", "[0,4294967296,4294967296]", "[0,0]")}}}", 0, "tensor a ", "exceeds all limits");

    [Fact]
    public void RefusesASizeInBytesThatOverflows() =>
        Refused($"{{{Tensor("a", "F64", "[2305843009213693952]", "[0,0]")}}}", 0, "tensor a ", "exceeds all limits");

    [Fact]
    public void RefusesTooManySides() =>
        Refused(
            $"{{{Tensor("a", "U8", "[" + string.Join(',', Enumerable.Repeat(1, 100)) + "]", "[0,1]")}}}",
            1,
            "tensor a ",
            "exceeds all limits");

    [Fact]
    public void RefusesANegativeOffset() => Refused($"{{{Tensor("a", "U8", "[1]", "[-1,0]")}}}", 1, "tensor a ", "data_offsets");

    [Fact]
    public void RefusesAnEndBeforeTheBegin() =>
        Refused($"{{{Tensor("a", "U8", "[1]", "[1,0]")}}}", 1, "tensor a ", "before it begins");

    [Fact]
    public void RefusesThreeOffsets() =>
        Refused($"{{{Tensor("a", "U8", "[1]", "[0,1,1]")}}}", 1, "tensor a ", "two data_offsets");

    [Fact]
    public void RefusesASizeThatIsNotThatOfTheShape() =>
        Refused($"{{{Tensor("a", "F32", "[2]", "[0,4]")}}}", 4, "tensor a ", "has 4 bytes", "takes 8");

    [Fact]
    public void RefusesTensorsThatOverlap() =>
        Refused($"{{{Tensor("a", "U8", "[2]", "[0,2]")},{Tensor("b", "U8", "[2]", "[1,3]")}}}", 3, "a and b overlap");

    [Fact]
    public void RefusesAHole() =>
        Refused(
            $"{{{Tensor("a", "U8", "[1]", "[0,1]")},{Tensor("b", "U8", "[1]", "[2,3]")}}}",
            3,
            "gap of 1 bytes between a and b");

    [Fact]
    public void RefusesATensorBeyondTheFile() => Refused($"{{{Tensor("a", "U8", "[9]", "[0,9]")}}}", 8, "tensor a ", "truncated");

    [Fact]
    public void RefusesBytesBehindTheLastTensor() =>
        Refused($"{{{Tensor("a", "U8", "[1]", "[0,1]")}}}", 3, "2 extra bytes after its last tensor, a");

    [Fact]
    public void RefusesMetadataThatIsNoText() => Refused("{\"__metadata__\":{\"n\":1}}", 0, "__metadata__", "n");

    [Fact]
    public void RefusesAMissingFile() => Said.ByOpening(_folder["none.safetensors"], "does not exist");

    [Fact]
    public void RefusesAnotherFormatAndSaysWhichAreRead()
    {
        File.WriteAllText(_folder["a.bin"], "HDF5 and more");
        Said.ByOpening(_folder["a.bin"], "neither a safetensors file nor a PyTorch archive");
    }

    [Fact]
    public void RefusesAPointerOfGitLfsWithTheRemedy()
    {
        File.WriteAllText(_folder["a.safetensors"], "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        Said.ByOpening(_folder["a.safetensors"], "git lfs pull");
    }

    [Fact]
    public void AFileIsKnownByItsContentNotItsName()
    {
        string path = Write($"{{{Tensor("a", "U8", "[1]", "[0,1]")}}}", 1);
        File.Move(path, _folder["weights.bin"]);
        using ITensorStore store = TensorStore.Open(_folder["weights.bin"]);
        Assert.Single(store.Entries);
    }
}
