using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

public class NameTableTests
{
    private static readonly NameTable Table = new(
        new NamePair("blocks.{}.mlp.0.weight", "layer.{}.up.weight"),
        new NamePair("mlp.0.weight", "head.weight"),
        new NamePair("last.weight", "final.weight", TensorChange.SwapHalves));

    [Theory]
    [InlineData("blocks.12.mlp.0.weight", "layer.12.up.weight")]
    [InlineData("mlp.0.weight", "head.weight")]
    public void NamesGoThereAndBack(string model, string file)
    {
        Assert.Equal(file, Table.ToFile(model)?.Name);
        Assert.Equal(model, Table.ToModel(file)?.Name);
        Assert.Equal(model, Table.Invert().ToFile(file)?.Name);
    }

    [Theory]
    [InlineData("blocks.x.mlp.0.weight")]
    [InlineData("blocks.1.mlp.1.weight")]
    [InlineData("nothing")]
    public void UnknownNamesAreUnknown(string name) => Assert.Null(Table.ToFile(name));

    [Fact]
    public void RenamedWeightsSwapHalvesOnTheWay()
    {
        using var scope = NewDisposeScope();
        using var last = new Parameter("last.weight", arange(4, dtype: ScalarType.Float32));
        var inner = new OneTensor("final.weight", last.Value);
        var source = new WeightSource(new RenamedWeights(inner, Table), LoadOptions.Reference);
        using Parameter swapped = source.Parameter("last.weight", [4], Initialization.Zeros);
        Assert.Equal([2f, 3f, 0f, 1f], swapped.Value.data<float>().ToArray());
        Assert.True(source.Contains("last.weight"));
        Assert.False(source.Contains("mlp.0.weight"));
    }

    private sealed class OneTensor(string name, Tensor value) : IWeightProvider
    {
        public bool Contains(string asked) => asked == name;

        public Tensor Provide(in WeightRequest request) => value.clone().DetachFromDisposeScope();
    }
}
