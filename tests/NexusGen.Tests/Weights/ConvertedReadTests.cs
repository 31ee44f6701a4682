using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

public sealed class ConvertedReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // More than one chunk of the parallel reader, and not a whole number of vectors.
    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float32, ScalarType.Float16)]
    public void ALargeTensorIsConvertedAsLibtorchDoes(ScalarType stored, ScalarType wanted)
    {
        using var scope = NewDisposeScope();
        Tensor values = randn((5 << 20) + 13).to(stored);
        values[0] = float.PositiveInfinity;
        values[1] = -0f;
        string path = Path.Combine(_folder.Path, "large.safetensors");
        SafetensorsWriter.Write(path, [("large", values), ("small", values.narrow(0, 2, 3))]);
        using ITensorStore store = TensorStore.Open(path);
        Assert.True(store.Read(store.Entries["large"], wanted).eq(values.to(wanted)).all().item<bool>());
        Assert.True(store.Read(store.Entries["small"], wanted).eq(values.narrow(0, 2, 3).to(wanted)).all().item<bool>());
    }
}
