using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>The changes that LoRA files make to linear layers.</summary>
public sealed class DeltaScopeTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly Generator _generator = new(2);
    private readonly Linear _linear;

    public DeltaScopeTests() => _linear = new(new WeightSource(new RandomWeights(7), LoadOptions.Reference)["a"], 6, 4);

    public void Dispose()
    {
        _linear.Dispose();
        _generator.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    // Each kind of change computes beside the weight what the layer computes with the change added to it.
    [Theory]
    [InlineData("low rank", 0.5)]
    [InlineData("low rank of some rows", -2)]
    [InlineData("magnitudes of rows", 1)]
    [InlineData("magnitudes of columns", 0.25)]
    [InlineData("magnitudes of some rows", 1)]
    [InlineData("replaced", 1)]
    [InlineData("replaced", 0.5)]
    [InlineData("bias", 3)]
    public void AChangeBesideTheWeightEqualsOneThatIsMerged(string kind, double strength)
    {
        LinearDelta delta = Delta(kind);
        Tensor input = Random(3, 5, 6);
        LinearDeltas deltas = Of((delta, strength));
        using var merged = new Linear(
            new WeightSource(new MergedWeights(new RandomWeights(7), deltas), LoadOptions.Reference)["a"], 6, 4);
        Tensor expected = merged.Forward(input), before = _linear.Forward(input);
        Assert.True(allclose(expected, With(input, deltas), atol: 1e-5));
        Assert.False(allclose(expected, before, atol: 1e-3));
        Assert.True(before.equal(_linear.Forward(input)).all().item<bool>());
    }

    [Fact]
    public void MagnitudesGiveTheNormsOfTheSum()
    {
        Tensor weight = _linear.Weight.Widen(ScalarType.Float32);
        Tensor rows = weight + Delta("magnitudes of rows").WeightChange(() => weight)!;
        Assert.True(allclose(rows.norm(1), tensor(new float[] { 1, 2, 3, 4 }), atol: 1e-5));
        Tensor columns = weight + Delta("magnitudes of columns").WeightChange(() => weight)!;
        Assert.True(allclose(columns.norm(0), tensor(new float[] { 1, 2, 3, 4, 5, 6 }), atol: 1e-5));
    }

    // Each row has the result that it has alone, whether rows are matrices or vectors, or are joined in one dimension.
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void EachRowOfABatchMayHaveItsOwnChange(ScalarType type)
    {
        LinearDeltas first = Of((Delta("low rank"), 1)), second = Of((Delta("magnitudes of rows"), 0.5), (Delta("bias"), 1));
        LinearDeltas?[] rows = [first, null, second, second];
        Tensor matrices = Random(4, 5, 6).to(type), vectors = matrices.select(1, 0);
        Tensor alone = stack([.. rows.Select((deltas, row) => With(matrices[row], deltas))]);
        Tensor together = With(matrices, rows);
        Assert.Equal(type, together.dtype);
        Assert.True(allclose(alone, together, atol: 1e-5));
        Assert.True(allclose(alone.select(1, 0), With(vectors, rows), atol: 1e-5));
        Assert.True(allclose(alone.view(20, 4), With(matrices.view(20, 6), rows), atol: 1e-5));
        Assert.True(allclose(alone[1], _linear.Forward(matrices[1])));
        Assert.False(allclose(alone[0], _linear.Forward(matrices[0]), atol: 1e-2));
        Assert.Throws<ArgumentException>(() => With(matrices[..3], rows));
    }

    [Fact]
    public void SeveralAddUpAndStrengthZeroIsNone()
    {
        LinearDelta delta = Delta("low rank"), other = Delta("replaced");
        Tensor input = Random(3, 6), before = _linear.Forward(input);
        Tensor Change(params (LinearDelta, double)[] deltas) => With(input, Of(deltas)) - before;
        Assert.True(allclose(Change((delta, 1)), Change((delta, 0.5), (delta, 0.5)), atol: 1e-5));
        Assert.True(allclose(Change((delta, 1)) + Change((other, 0.3)), Change((delta, 1), (other, 0.3)), atol: 1e-5));
        Assert.True(before.equal(With(input, Of((delta, 0)))).all().item<bool>());
        Assert.True(Of((delta, 0)).IsEmpty);
    }

    [Fact]
    public void ScopesNestAndEndWithTheirBlock()
    {
        LinearDeltas deltas = Of((Delta("low rank"), 1));
        Tensor input = Random(3, 6), before = _linear.Forward(input);
        using (DeltaScope.Enter(deltas))
        {
            using (DeltaScope.Enter((LinearDeltas?)null))
            {
                Assert.True(before.equal(_linear.Forward(input)).all().item<bool>());
            }

            Assert.False(allclose(before, _linear.Forward(input)));
        }

        Assert.Null(DeltaScope.Current);
    }

    private LinearDelta Delta(string kind)
    {
        Tensor weight = _linear.Weight.Widen(ScalarType.Float32);
        return kind switch
        {
            "low rank" => new LowRankDelta(Random(2, 6), Random(4, 2), 0.5),
            "low rank of some rows" => new LowRankDelta(Random(2, 6), Random(2, 2), 0.5, start: 1),
            "magnitudes of rows" => DecomposedDelta.Of(
                Random(2, 6), Random(4, 2), 0.5, tensor(new float[] { 1, 2, 3, 4 }), false, weight, 0)!,
            "magnitudes of columns" => DecomposedDelta.Of(
                Random(2, 6), Random(4, 2), 0.5, tensor(new float[] { 1, 2, 3, 4, 5, 6 }), true, weight, 0)!,
            "magnitudes of some rows" => DecomposedDelta.Of(
                Random(2, 6), Random(2, 2), 0.5, tensor(new float[] { 1, 2 }), false, weight.narrow(0, 2, 2), 2)!,
            "replaced" => new ReplacedDelta(Random(4, 6), replaces: true),
            _ => new BiasDelta(Random(4)),
        };
    }

    private static LinearDeltas Of(params (LinearDelta Delta, double Strength)[] deltas)
    {
        var result = new LinearDeltas();
        foreach ((LinearDelta delta, double strength) in deltas)
        {
            result.Add("a", delta, strength);
        }

        return result;
    }

    private Tensor Random(params long[] shape) => randn(shape, generator: _generator);

    private Tensor With(Tensor input, params LinearDeltas?[] rows)
    {
        using (DeltaScope.Enter(rows))
        {
            return _linear.Forward(input);
        }
    }
}
