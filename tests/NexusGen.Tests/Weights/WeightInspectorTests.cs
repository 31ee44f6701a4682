using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Inspection;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>What files hold, said without reading them.</summary>
public sealed class WeightInspectorTests
{
    [Fact]
    public void SaysNamesShapesTypesAndTotals()
    {
        using TemporaryFolder folder = new();
        using (NewDisposeScope())
        {
            SafetensorsWriter.WriteSharded(
                folder.Path,
                [TensorToWrite.Of("a", ones(2, 3)), TensorToWrite.Of("b", ones(5, ScalarType.BFloat16)), TensorToWrite.Of("c", tensor(1f))],
                maxShardBytes: 24,
                metadata: new Dictionary<string, string> { ["step"] = "7" });
        }

        WeightReport report = WeightInspector.Inspect(folder.Path);
        Assert.Equal(["a", "c", "b"], report.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(new WeightTotal("F32", 2, 7, 28), report.Types[0]);
        Assert.Equal(new WeightTotal("BF16", 1, 5, 10), report.Types[1]);
        Assert.Equal([24L, 14], report.Files.Select(file => file.Bytes));
        Assert.Equal((3, 12, 38), (report.Total.Tensors, report.Total.Elements, report.Total.Bytes));
        Assert.Equal("7", report.Metadata["step"]);
    }

    [Fact]
    public void CountsTheElementsOfViewsAndNotWhatTheySpan()
    {
        using TemporaryFolder folder = new();
        byte[] pickle = new PickleBuilder().Tensor("FloatStorage", "0", 6, 0, [2], [5]).Stop();
        WeightReport report = WeightInspector.Inspect(TorchArchive.Write(folder["a.pt"], pickle, ("0", new byte[24])));
        Assert.Equal((1, 2, 8), (report.Total.Tensors, report.Total.Elements, report.Total.Bytes));
    }
}
