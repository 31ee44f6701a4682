using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Tests.Diffusion;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

public class ImageDecoderTests
{
    private const int Height = 8;
    private const int Width = 12;
    private static readonly GridThw Drawn = new(1, 18, 18);
    private static readonly GridThw Source = new(1, 36, 36);

    [Theory]
    [InlineData(TextIdLayout.Zeros)]
    [InlineData(TextIdLayout.Grid)]
    public void TheGenerationDecoderAdaptsAndPlacesAsItsLayoutSays(TextIdLayout layout)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using var decoder = new GenerationDecoder(
            files.AdapterPart.Load(LoadOptions.Reference),
            files.FluxPart(files.Paths.GenerationDecoder).Load(LoadOptions.Reference),
            layout,
            merge: 2);
        Tensor drawn = randn(2, 81, 64), pooled = randn(1, 32);
        DiffusionCondition condition = decoder.Condition(drawn, Drawn, null, default, pooled, Height, Width);
        Assert.True(TinyModel.Same(decoder.Adapter.Forward(drawn), condition.Context));
        Assert.True(TinyModel.Same(pooled, condition.Pooled));
        Tensor ids = layout == TextIdLayout.Zeros ? TextIds.Zeros(81, CPU) : TextIds.Grid(Drawn, 2, 0, Height, Width, CPU);
        Assert.True(TinyModel.Same(ids, condition.TextIds));
    }

    [Fact]
    public void TheEditingDecoderPlacesTargetAndSource()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using EditingDecoder decoder = Editing(files, LoadOptions.Reference);
        Tensor drawn = randn(2, 81, 64), source = randn(2, 324, 64);
        DiffusionCondition both = decoder.Condition(drawn, Drawn, source, Source, randn(1, 32), Height, Width);
        Assert.Equal([2, 405, 96], both.Context.shape);
        Tensor ids = cat([TextIds.Grid(Drawn, 2, 0, Height, Width, CPU), TextIds.Grid(Source, 2, 1, Height, Width, CPU)], 1);
        Assert.True(TinyModel.Same(ids, both.TextIds));
        DiffusionCondition alone = decoder.Condition(drawn, Drawn, null, default, randn(1, 32), Height, Width);
        Assert.Equal([2, 81, 96], alone.Context.shape);
        Assert.True(TinyModel.Same(TextIds.Grid(Drawn, 2, 0, Height, Width, CPU), alone.TextIds));
    }

    [Fact]
    public void InHalfPrecisionPlacesStayFloat32()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using EditingDecoder decoder = Editing(files, TinyModel.Half);
        DiffusionCondition condition = decoder.Condition(
            randn(1, 81, 64),
            Drawn,
            randn(1, 324, 64),
            Source,
            randn(1, 32),
            Height,
            Width);
        Assert.Equal(ScalarType.BFloat16, condition.Context.dtype);
        Assert.Equal(ScalarType.BFloat16, condition.Pooled.dtype);
        Assert.Equal(ScalarType.Float32, condition.TextIds.dtype);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnlyTheConditionIsLeftAndItIsTheCallers(bool editing)
    {
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using DiffusionDecoder decoder = editing
            ? Editing(files, TinyModel.Half)
            : new GenerationDecoder(
                files.AdapterPart.Load(TinyModel.Half),
                files.FluxPart(files.Paths.GenerationDecoder).Load(TinyModel.Half),
                TextIdLayout.Grid,
                merge: 2);
        using Tensor drawn = randn(1, 81, 64), source = randn(1, 324, 64), pooled = randn(1, 32);
        long before = TinyModel.LiveTensors();
        using (DiffusionCondition condition = decoder.Condition(drawn, Drawn, source, Source, pooled, Height, Width))
        {
            Assert.Equal(before + 3, TinyModel.LiveTensors());
        }

        Assert.Equal(before, TinyModel.LiveTensors());
        Assert.False(pooled.IsInvalid);
    }

    [Fact]
    public void EmbeddingsThatAreNotOfTheirGridAreRefused()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using EditingDecoder decoder = Editing(files, LoadOptions.Reference);
        Tensor drawn = randn(1, 81, 64), source = randn(1, 324, 64), pooled = randn(1, 32);
        Refuses("80 embeddings", drawn.narrow(1, 0, 80), source);
        Refuses("323 embeddings", drawn, source.narrow(1, 0, 323));

        void Refuses(string said, Tensor target, Tensor other)
        {
            Action condition = () => decoder.Condition(target, Drawn, other, Source, pooled, Height, Width);
            Assert.Contains(said, Assert.Throws<NexusGenException>(condition).Message, StringComparison.Ordinal);
        }
    }

    private static EditingDecoder Editing(ModelFiles files, LoadOptions options) =>
        new(files.MergerPart.Load(options), files.FluxPart(files.Paths.EditingDecoder).Load(options));
}
