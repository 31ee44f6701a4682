using NexusGen.Decoders;
using NexusGen.Diffusion;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

/// <summary>What the decoders tell the transformer.</summary>
public sealed class PictureDecoderTests : IDisposable
{
    private static readonly GridThw Drawn = new(1, 18, 18);
    private static readonly GridThw Source = new(1, 36, 36);

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly ModelFiles _files = new(ModelPaths.Find(LoadedModel.Folder));

    public void Dispose()
    {
        _files.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void PlacesAreScaledToTheLatents()
    {
        Tensor ids = TextIds.Grid(new GridThw(1, 4, 6), 1, height: 8, width: 18, CPU);
        Assert.Equal([1, 6, 3], ids.shape);
        Assert.Equal([1f, 0, 0, 1, 0, 3, 1, 0, 6, 1, 2, 0, 1, 2, 3, 1, 2, 6], ids.flatten().data<float>().ToArray());
        Assert.Equal(0, TextIds.Zeros(5, CPU).abs().sum().item<float>());
    }

    [Theory]
    [InlineData(TextIdLayout.Zeros)]
    [InlineData(TextIdLayout.Grid)]
    public void TheGenerationDecodersPlacesAreTheModelsChoice(TextIdLayout layout)
    {
        using var decoder = new GenerationDecoder(
            _files.AdapterPart.Load(LoadOptions.Reference), _files.FluxPart(_files.Paths.GenerationDecoder).Load(LoadOptions.Reference), layout);
        Tensor embeddings = randn(3, 81, 64), pooled = randn(1, 32);
        using DiffusionCondition condition = decoder.Condition(embeddings, Drawn, randn(3, 324, 64), Source, pooled, 8, 12);
        Assert.Equal([3, 81, 96], condition.Context.shape);
        Assert.Equal([1, 81, 3], condition.TextIds.shape);
        Tensor expected = layout == TextIdLayout.Grid ? TextIds.Grid(Drawn, 0, 8, 12, CPU) : TextIds.Zeros(81, CPU);
        Assert.True(expected.eq(condition.TextIds).all().item<bool>());
        Assert.True(condition.Context.narrow(0, 1, 1).allclose(decoder.Adapter.Forward(embeddings.narrow(0, 1, 1)), 1e-4, 1e-5));

        // The caller's pooled embedding stays the caller's.
        condition.Dispose();
        Assert.Equal([1, 32], pooled.shape);
    }

    [Fact]
    public void TheEditingDecoderPutsTheSourceBehindTheTarget()
    {
        using EditingDecoder decoder = Editing(LoadOptions.Reference);
        Tensor embeddings = randn(2, 81, 64), source = randn(2, 324, 64), pooled = randn(1, 32);
        using DiffusionCondition both = decoder.Condition(embeddings, Drawn, source, Source, pooled, 8, 12);
        using DiffusionCondition alone = decoder.Condition(embeddings, Drawn, null, Source, pooled, 8, 12);
        Assert.Equal([2, 405, 96], both.Context.shape);
        Assert.Equal([2, 81, 96], alone.Context.shape);
        Assert.True(cat([TextIds.Grid(Drawn, 0, 8, 12, CPU), TextIds.Grid(Source, 1, 8, 12, CPU)], 1).eq(both.TextIds).all().item<bool>());
        Assert.Equal([1, 81, 3], alone.TextIds.shape);

        // Target and source see one another.
        Assert.False(both.Context.narrow(1, 0, 81).allclose(alone.Context));
        using DiffusionCondition row = decoder.Condition(embeddings.narrow(0, 1, 1), Drawn, source.narrow(0, 1, 1), Source, pooled, 8, 12);
        Assert.True(both.Context.narrow(0, 1, 1).allclose(row.Context, 1e-4, 1e-5));
    }

    [Fact]
    public void PaintingABatchEqualsPaintingOneByOne()
    {
        using EditingDecoder decoder = Editing(LoadOptions.Reference);
        Tensor embeddings = randn([2, 81, 64], generator: new Generator(1)), source = randn([2, 324, 64], generator: new Generator(2)), pooled = randn(1, 32);
        Tensor Paint(Tensor drawn, Tensor from, params ulong[] seeds)
        {
            using var run = new DenoisingRun(
                decoder.Transformer, new DenoisingOptions { Steps = 3, Seeds = seeds }, 8, 4, decoder.Condition(drawn, Drawn, from, Source, pooled, 8, 4));
            while (run.Step())
            {
            }

            return run.Latents.clone();
        }

        Tensor batch = Paint(embeddings, source, 7, 8);
        for (int row = 0; row < 2; row++)
        {
            Tensor single = Paint(embeddings.narrow(0, row, 1), source.narrow(0, row, 1), (ulong)(7 + row));
            Assert.True(batch.narrow(0, row, 1).allclose(single, 1e-4, 1e-5));
        }
    }

    [Fact]
    public void SixteenBitsAreCloseToThirtyTwo()
    {
        using EditingDecoder exact = Editing(LoadOptions.Reference), rough = Editing(new(new(CPU, ScalarType.BFloat16)));
        Tensor embeddings = randn([1, 81, 64], generator: new Generator(1)), pooled = randn(1, 32);
        Tensor a = exact.Condition(embeddings, Drawn, null, Source, pooled, 8, 8).Context, b = rough.Condition(embeddings, Drawn, null, Source, pooled, 8, 8).Context;
        Assert.Equal(ScalarType.BFloat16, b.dtype);
        Assert.InRange(((b.to(ScalarType.Float32) - a).norm() / a.norm()).item<float>(), 1e-5, 0.03);
    }

    private EditingDecoder Editing(LoadOptions options) =>
        new(_files.MergerPart.Load(options), _files.FluxPart(_files.Paths.EditingDecoder).Load(options));
}
