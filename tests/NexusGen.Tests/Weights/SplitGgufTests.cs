using NexusGen.Weights;
using NexusGen.Weights.Stores;

namespace NexusGen.Tests.Weights;

/// <summary>A GGUF model in several files.</summary>
public sealed class SplitGgufTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyPartOpensTheWhole(int number)
    {
        WriteParts();

        using ITensorStore store = TensorStore.Open(Part(number));
        using ITensorStore folder = TensorStore.Open(_folder.Path);

        Assert.Equal(["b", "c"], store.Entries.Keys);
        Assert.Equal(["b", "c"], folder.Entries.Keys);
        Assert.Equal("test", store.Metadata["general.architecture"]);
    }

    [Fact]
    public void AMissingPartIsNamed()
    {
        WriteParts();
        File.Delete(Part(2));

        Said.ByOpening(Part(1), "m-00002-of-00003.gguf", "missing");
        Said.ByOpening(Part(3), "m-00002-of-00003.gguf", "missing");
    }

    [Fact]
    public void WrongNamesAreRefused()
    {
        WriteParts();
        File.Copy(Part(1), Part(2), overwrite: true);
        Said.ByOpening(Part(3), Part(2), "file 1 of 3");

        File.Copy(Part(3), _folder["renamed.gguf"]);
        Said.ByOpening(_folder["renamed.gguf"], "one of the 3 files", "renamed.gguf");

        File.WriteAllBytes(_folder["x-00009-of-00003.gguf"], Build(0, null));
        Said.ByOpening(_folder["x-00009-of-00003.gguf"], "file 9 of 3");
    }

    private string Part(int number) => _folder[$"m-{number:00000}-of-00003.gguf"];

    // As llama.cpp writes it: the first file may have metadata only.
    private void WriteParts()
    {
        File.WriteAllBytes(Part(1), Build(0, null));
        File.WriteAllBytes(Part(2), Build(1, "b"));
        File.WriteAllBytes(Part(3), Build(2, "c"));
    }

    private static byte[] Build(ushort number, string? tensor)
    {
        GgufBuilder builder = new GgufBuilder()
            .Text("general.architecture", "test")
            .Pair("split.no", 2, BitConverter.GetBytes(number))
            .Pair("split.count", 2, BitConverter.GetBytes((ushort)3));
        return (tensor is null ? builder : builder.Floats(tensor, number)).Build();
    }
}
