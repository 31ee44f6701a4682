using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>The official files at full size: opened completely, with little memory.</summary>
public sealed class SparseOfficialFilesTests(SparseOfficialFilesTests.OfficialFolder official)
    : IClassFixture<SparseOfficialFilesTests.OfficialFolder>
{
    public static TheoryData<string> Lists => [.. SparseOfficialFiles.Places.Keys];

    [Theory]
    [MemberData(nameof(Lists))]
    public void EveryTensorIsThereWithItsShapeAndType(string list)
    {
        IReadOnlyList<(string Name, long[] Shape)> expected = SparseOfficialFiles.Shapes(list);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using ITensorStore store = TensorStore.Open(official[list]);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 16 << 20, $"{allocated} bytes");
        Assert.Equal(expected.Select(tensor => tensor.Name), store.Entries.Keys);
        foreach ((string name, long[] shape) in expected)
        {
            Assert.Equal(shape, store.Entries[name].Shape.ToArray());
            Assert.Equal(SparseOfficialFiles.TypeOf(list), store.Entries[name].Type);
        }

        Assert.Equal(SparseOfficialFiles.Parameters(list), store.Entries.Values.Sum(entry => entry.ElementCount));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void EveryTensorCanBeMapped(string list)
    {
        using ITensorStore store = TensorStore.Open(official[list]);
        foreach (TensorEntry entry in store.Entries.Values)
        {
            using Tensor mapped = store.TryMap(entry) ?? throw new InvalidOperationException(entry.Name);
            Assert.Equal(entry.Shape.ToArray(), mapped.shape);
        }
    }

    [Fact]
    public void ATensorBeyondFourGigabytesIsRead()
    {
        using ITensorStore store = TensorStore.Open(official["edit_decoder"]);
        TensorEntry last = store.Entries.Values.MaxBy(entry => entry.Offset)!;
        Assert.True(last.Offset > 20L << 30);
        using Tensor value = store.Read(last, ScalarType.Float32);
        Assert.Equal(0, value.abs().sum().item<float>());
    }

    [Fact]
    public void AnArchiveCutByOneByteIsRefused()
    {
        string path = official["generation_decoder"];
        string cut = path + ".cut";
        SparseOfficialFiles.Write("generation_decoder", cut + ".bin");
        using (FileStream stream = File.OpenWrite(cut + ".bin"))
        {
            stream.SetLength(stream.Length - 1);
        }

        Said.ByOpening(cut + ".bin", "truncated");
        File.Delete(cut + ".bin");
    }

    public sealed class OfficialFolder : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public OfficialFolder() => SparseOfficialFiles.Write(_folder.Path);

        public string this[string list] => _folder[SparseOfficialFiles.Places[list]];

        public void Dispose() => _folder.Dispose();
    }
}
