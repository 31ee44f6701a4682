using NexusGen.Core;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Model;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class ClipTextEncoderTests
{
    public static TheoryData<string> Cases => TinyModel.Cases("clip");

    [Theory]
    [MemberData(nameof(Cases))]
    public void PoolsAsTheOfficialCode(string name)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("clip", name);
        using ClipTextEncoder encoder = files.ClipPart.Load(LoadOptions.Reference), half = files.ClipPart.Load(TinyModel.Half);
        Tensor ids = reference.ExpectedTensor("input_ids"), expected = reference.ExpectedTensor("pooled");
        TinyModel.AssertNear(expected, encoder.Forward(ids), 1e-5);
        TinyModel.AssertNear(expected, half.Forward(ids), 0.05);
    }

    [Fact]
    public void TheFirstEndTokenIsReadWhateverFollows()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var sizes = new ClipConfiguration { HiddenSize = 16, IntermediateSize = 32, NumAttentionHeads = 2, NumHiddenLayers = 2, VocabSize = 50 };
        using var encoder = new ClipTextEncoder(new WeightSource(new RandomWeights(1), LoadOptions.Reference), sizes);
        Tensor padded = tensor(new long[] { 3, 8, 49, 49, 49, 1, 9, 4, 49, 2 }).view(2, 5);
        Tensor other = tensor(new long[] { 3, 8, 49, 7, 7, 1, 9, 4, 49, 49 }).view(2, 5);
        Tensor first = tensor(new long[] { 3, 8, 49, 49, 49 }).view(1, 5);
        Tensor pooled = encoder.Forward(padded);
        Assert.Equal([2, 16], pooled.shape);
        TinyModel.AssertNear(pooled, encoder.Forward(other), 1e-6);
        TinyModel.AssertNear(pooled.narrow(0, 0, 1), encoder.Forward(first), 1e-6);
    }

    [Fact]
    public void AStoredConstantIsNoError()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using ITensorStore original = TensorStore.Open(Path.Combine(TinyModel.Folder, "FLUX", "FLUX.1-dev", "text_encoder"));
        SafetensorsWriter.Write(
            folder["model.safetensors"],
            original.Entries.Values.Select(entry => (entry.Name, original.Read(entry))).Append(("text_model.embeddings.position_ids", arange(77).view(1, 77))));
        using ModelFiles files = new(ModelPaths.Find(TinyModel.Folder));
        using ITensorStore store = TensorStore.Open(folder.Path);
        CheckpointPart part = files.ClipPart.Checkpoint() with { Store = store };
        using ClipTextEncoder encoder = part.Load(LoadOptions.Reference, files.ClipPart.Build);
        Assert.NotEmpty(encoder.Parameters);
    }

    [Fact]
    public void AnotherActivationIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{ "hidden_act": "gelu", "hidden_size": 8 }""");
        Assert.Contains("hidden_act is \"gelu\"", Assert.Throws<NexusGenException>(() => ClipConfiguration.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HeadsThatDoNotDivideTheWidthAreRefused()
    {
        var sizes = new ClipConfiguration { HiddenSize = 16, NumAttentionHeads = 3 };
        WeightSource source = new(ShapeOnlyWeights.Unrecorded, LoadOptions.Reference);
        Assert.Contains("16", Assert.Throws<NexusGenException>(() => new ClipTextEncoder(source, sizes)).Message, StringComparison.Ordinal);
    }
}
