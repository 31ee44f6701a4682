using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Tests.Weights;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public class FluxNamesTests
{
    private const string Prefix = "pipe.dit.";

    [Theory]
    [InlineData("generation_decoder")]
    [InlineData("edit_decoder")]
    public void EveryOfficialNameOfADecoderGoesThereAndBack(string list)
    {
        foreach (string name in DecoderShapes(list).Keys)
        {
            (string own, TensorChange change) = Assert.NotNull(FluxNames.DiffSynth.ToModel(name));
            Assert.Equal((name, change), FluxNames.DiffSynth.ToFile(own));
            Assert.Equal((own, change), FluxNames.DiffSynth.Invert().ToFile(name));
        }
    }

    [Fact]
    public void EveryOfficialNameOfFluxGoesThereAndBack()
    {
        foreach ((string name, long[] _) in SparseOfficialFiles.Shapes("flux1-dev"))
        {
            (string theirs, TensorChange change) = Assert.NotNull(FluxNames.DiffSynth.ToFile(name));
            Assert.Equal((name, change), FluxNames.DiffSynth.ToModel(theirs));
        }
    }

    [Fact]
    public void TheModelAsksForWhatTheOfficialFileHoldsAndNothingElse()
    {
        Dictionary<string, long[]> requested = Requested();
        Assert.Equal(SparseOfficialFiles.Shapes("flux1-dev").ToDictionary(), requested);
    }

    [Theory]
    [InlineData("generation_decoder")]
    [InlineData("edit_decoder")]
    public void UnderDiffSynthsNamesTheModelAsksForWhatADecoderHoldsAndNothingElse(string list)
    {
        Dictionary<string, long[]> requested = Requested().ToDictionary(pair => Assert.NotNull(FluxNames.DiffSynth.ToFile(pair.Key)).Name, pair => pair.Value);
        Assert.Equal(DecoderShapes(list), requested);
    }

    [Fact]
    public void OnlyTheLastModulationIsTurnedAround()
    {
        string[] turned = [.. SparseOfficialFiles.Shapes("flux1-dev")
            .Where(tensor => FluxNames.DiffSynth.ToFile(tensor.Name)!.Value.Change != TensorChange.None).Select(tensor => tensor.Name).Order()];
        Assert.Equal(["final_layer.adaLN_modulation.1.bias", "final_layer.adaLN_modulation.1.weight"], turned);
    }

    [Fact]
    public void WhatWasReadIsExportedBitForBitUnderTheNamesOfTheFile()
    {
        using var scope = NewDisposeScope();
        using ModelFiles files = TinyModel.Open();
        ModelPart<FluxTransformer> part = files.FluxPart(files.Paths.GenerationDecoder);
        using FluxTransformer transformer = part.Load(TinyModel.Half);
        using ITensorStore store = TensorStore.Open(files.Paths.GenerationDecoder);
        HashSet<string> left = [.. store.Entries.Keys.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        foreach ((string name, Tensor value) in part.Checkpoint().Export(transformer))
        {
            Assert.True(left.Remove(name), name);
            Assert.True(TinyModel.Same(value, store.Read(store.Entries[name])), name);
        }

        Assert.Empty(left);
    }

    private static Dictionary<string, long[]> Requested()
    {
        var shapes = new ShapeOnlyWeights();
        new FluxTransformer(new WeightSource(shapes, LoadOptions.Reference), FluxConfiguration.FluxDev).Dispose();
        return shapes.Requested.ToDictionary();
    }

    private static Dictionary<string, long[]> DecoderShapes(string list) => SparseOfficialFiles.Shapes(list)
        .Where(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(tensor => tensor.Name[Prefix.Length..], tensor => tensor.Shape);
}
