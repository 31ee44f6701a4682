using NexusGen.Autoregressive;
using NexusGen.Decoders;
using NexusGen.Imaging;
using NexusGen.Tests.Weights;
using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests that the models in the official sizes have exactly the tensors of the official files.</summary>
public sealed class OfficialSizesTests
{
    [Fact]
    public void EncoderAndLanguageModelTakeAllTensorsOfTheOfficialFiles()
    {
        (ShapeOnlyWeights shapes, WeightSource root) = Root();
        using var visionEncoder = new VisionEncoder(root["visual"], VisionConfiguration.NexusGenV2);
        using var model = new LanguageModel(root, LanguageModelConfiguration.NexusGenV2);
        AssertSame(SparseOfficialFiles.Shapes("nexus-gen-v2-language-model"), shapes);
        Assert.Equal(
            SparseOfficialFiles.Parameters("nexus-gen-v2-language-model"),
            visionEncoder.Parameters.Concat(model.Parameters).Sum(parameter => parameter.Value.NumberOfElements));
    }

    [Fact]
    public void TheMergerTakesAllItsTensorsOfTheOfficialFile()
    {
        const string Prefix = "embedding_merger.";
        (ShapeOnlyWeights shapes, WeightSource root) = Root();
        using var merger = new EmbeddingMerger(
            root,
            LanguageModelConfiguration.NexusGenV2,
            layers: 1,
            outWidth: 4096,
            expandRatio: 4,
            new GridThw(1, 72, 72));
        AssertSame(
            SparseOfficialFiles.Shapes("edit_decoder").Where(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal))
                .Select(tensor => (tensor.Name[Prefix.Length..], tensor.Shape)),
            shapes);
    }

    private static (ShapeOnlyWeights Shapes, WeightSource Root) Root()
    {
        var shapes = new ShapeOnlyWeights();
        return (
            shapes,
            new WeightSource(shapes, new LoadOptions(new(TorchSharp.torch.META, TorchSharp.torch.ScalarType.BFloat16))));
    }

    private static void AssertSame(IEnumerable<(string Name, long[] Shape)> official, ShapeOnlyWeights ours)
    {
        static string Line(string name, long[] shape) => $"{name} [{string.Join(", ", shape)}]";
        Assert.Equal(
            official.Select(tensor => Line(tensor.Name, tensor.Shape)).Order(StringComparer.Ordinal),
            ours.Requested.Select(tensor => Line(tensor.Key, tensor.Value)).Order(StringComparer.Ordinal));
    }
}
