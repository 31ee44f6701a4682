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

public sealed class T5EncoderTests
{
    private static readonly T5Configuration Small = new() { DModel = 16, DKv = 4, DFf = 24, NumHeads = 3, NumLayers = 5, VocabSize = 40 };

    public static TheoryData<string> Cases => TinyModel.Cases("t5");

    [Theory]
    [MemberData(nameof(Cases))]
    public void EncodesAsTheOfficialCode(string name)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("t5", name);
        using T5Encoder encoder = files.T5Part.Load(LoadOptions.Reference), half = files.T5Part.Load(TinyModel.Half);
        Tensor ids = reference.ExpectedTensor("input_ids"), first = reference.ExpectedTensor("first"), last = reference.ExpectedTensor("last");
        Tensor states = encoder.Forward(ids), rough = half.Forward(ids);
        TinyModel.AssertNear(first, states.narrow(1, 0, 40), 1e-5);
        TinyModel.AssertNear(last, states.narrow(1, 500, 12), 1e-5);
        TinyModel.AssertNear(first, rough.narrow(1, 0, 40), 0.05);
        TinyModel.AssertNear(last, rough.narrow(1, 500, 12), 0.05);
    }

    [Fact]
    public void StreamedBlocksGiveTheSameStates()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using var resident = new T5Encoder(new WeightSource(new RandomWeights(1), LoadOptions.Reference), Small);
        long block = resident.Children.OfType<Module>().Max(child => child.ByteLength) / Small.NumLayers;
        using var residency = new BlockResidency(3 * block);
        using var streamed = new T5Encoder(new WeightSource(new RandomWeights(1), LoadOptions.Reference with { Residency = residency }), Small);
        Tensor ids = tensor(new long[] { 5, 6, 39, 0, 0, 7 }).view(2, 3);
        Assert.True(streamed.Forward(ids).eq(resident.Forward(ids)).all().item<bool>());
        Assert.True(residency.StreamedBlocks > 0);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 17)]
    [InlineData(-7, 7)]
    [InlineData(-8, 8)]
    [InlineData(-11, 8)]
    [InlineData(-12, 9)]
    [InlineData(16, 26)]
    [InlineData(23, 27)]
    [InlineData(-32, 12)]
    [InlineData(-46, 13)]
    [InlineData(-64, 14)]
    [InlineData(-90, 14)]
    [InlineData(91, 31)]
    [InlineData(100_000, 31)]
    public void DistancesHaveTheOfficialKinds(int distance, int bucket)
    {
        using Tensor distances = tensor(new long[] { distance });
        using Tensor buckets = T5Encoder.Buckets(distances, T5Configuration.Xxl);
        Assert.Equal(bucket, buckets[0].item<long>());
    }

    [Theory]
    [InlineData("shared.weight")]
    [InlineData("encoder.embed_tokens.weight")]
    [InlineData("shared.weight", "encoder.embed_tokens.weight")]
    public void TheTableOfTokensIsFoundUnderEitherName(params string[] names)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using var folder = new TemporaryFolder();
        using ModelFiles files = TinyModel.Open();
        using T5Encoder expected = files.T5Part.Load(LoadOptions.Reference);
        string flux = Path.Combine(folder.Path, "FLUX", "FLUX.1-dev");
        using (ITensorStore original = TensorStore.Open(files.Paths.T5))
        {
            IEnumerable<(string, Tensor)> others = original.Entries.Values.Where(entry => entry.Name != "shared.weight")
                .Select(entry => (entry.Name, original.Read(entry)));
            Tensor table = original.Read(original.Entries["shared.weight"]);
            SafetensorsWriter.Write(Path.Combine(flux, "text_encoder_2", "model.safetensors"), others.Concat(names.Select(name => (name, table.clone()))));
        }

        File.Copy(Path.Combine(files.Paths.T5, "config.json"), Path.Combine(flux, "text_encoder_2", "config.json"));
        using var renamed = new ModelFiles(ModelPaths.Find(TinyModel.Folder, new ModelPathOverrides { Flux = folder.Path }));
        using T5Encoder encoder = renamed.T5Part.Load(LoadOptions.Reference);
        Tensor ids = tensor(new long[] { 3, 2, 1, 0 }).view(1, 4);
        Assert.True(encoder.Forward(ids).eq(expected.Forward(ids)).all().item<bool>());
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        using var inference = no_grad();
        using var encoder = new T5Encoder(new WeightSource(new RandomWeights(1), LoadOptions.Reference), Small);
        using Tensor ids = tensor(new long[] { 5, 6, 39 }, [1, 3]);
        long before = TinyModel.LiveTensors();
        for (int i = 0; i < 3; i++)
        {
            encoder.Forward(ids).Dispose();
            Assert.Equal(before, TinyModel.LiveTensors());
        }
    }

    [Fact]
    public void OtherFeedForwardLayersAreRefusedByName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{ "feed_forward_proj": "relu", "d_model": 8 }""");
        string message = Assert.Throws<NexusGenException>(() => T5Configuration.Read(folder.Path)).Message;
        Assert.Contains("feed_forward_proj is \"relu\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 128)]
    [InlineData(32, 8)]
    public void KindsOfDistancesThatCanNotBeAreRefused(int buckets, int distance)
    {
        T5Configuration sizes = Small with { RelativeAttentionNumBuckets = buckets, RelativeAttentionMaxDistance = distance };
        WeightSource source = new(ShapeOnlyWeights.Unrecorded, LoadOptions.Reference);
        Assert.Contains($"num_buckets {buckets}", Assert.Throws<NexusGenException>(() => new T5Encoder(source, sizes)).Message, StringComparison.Ordinal);
    }
}
