using System.Collections.Immutable;
using NexusGen.Autoregressive;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Model;
using NexusGen.Tests.Weights;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

/// <summary>Models of the official sizes use every tensor of the official files: none is missing, none is left over.</summary>
public class OfficialShapesTests
{
    private static readonly NexusGenConfiguration Official = NexusGenConfiguration.Official;
    private static readonly LanguageModelConfiguration Language = LanguageModelConfiguration.NexusGenV2;

    private static readonly (string List, string Prefix, NameTable? Names, Func<WeightSource, Module> Build)[] Parts =
    [
        ("nexus-gen-v2-language-model", "visual.", null, source => new VisionEncoder(source, Language.Vision)),
        ("nexus-gen-v2-language-model", "", null, source => new LanguageModel(source, Language)),
        ("generation_decoder", "adapter.", null,
            source => new GenerationAdapter(source, Official.GenerationDecoder.InChannel, Official.GenerationDecoder.OutChannel)),
        ("generation_decoder", "pipe.dit.", FluxNames.DiffSynth, source => new FluxTransformer(source, Official.Flux)),
        ("edit_decoder", "embedding_merger.", null, source => new EmbeddingMerger(
            source, Language, Official.EditingDecoder.NumLayers, Official.EditingDecoder.OutChannel,
            Official.EditingDecoder.ExpandRatio, Official.Grids.Base)),
        ("edit_decoder", "pipe.dit.", FluxNames.DiffSynth, source => new FluxTransformer(source, Official.Flux)),
        ("flux1-dev", "", null, source => new FluxTransformer(source, Official.Flux)),
        ("ae", "encoder.", null, source => new AutoencoderEncoder(source, Official.Autoencoder)),
        ("ae", "decoder.", null, source => new AutoencoderDecoder(source, Official.Autoencoder)),
        ("text_encoder", "", null, source => new ClipTextEncoder(source, ClipConfiguration.LargePatch14)),
        ("text_encoder_2", "", null, source => new T5Encoder(source, T5Configuration.Xxl)),
    ];

    public static TheoryData<string> Lists => [.. Parts.Select(part => part.List).Distinct()];

    [Theory]
    [MemberData(nameof(Lists))]
    public void EveryTensorBelongsToOnePart(string list)
    {
        using var store = new ShapesStore(list);
        List<string> taken = [];
        foreach ((_, string prefix, NameTable? names, Func<WeightSource, Module> build) in Parts.Where(part => part.List == list))
        {
            CheckpointPart part = Part(store, prefix, names);
            part.Check(build);
            using Module model = build(
                new WeightSource(
                    new ShapeOnlyWeights(),
                    LoadOptions.Reference with { Placement = new(META, ScalarType.BFloat16) }));
            taken.AddRange(model.Parameters.Select(parameter => part.FileName(parameter.Name).Name));
            Assert.Equal(
                2 * model.Parameters.Sum(parameter => parameter.Value.NumberOfElements),
                CheckpointPart.Measure(new(new(CPU, ScalarType.BFloat16)), build).Total);
        }

        Assert.Equal(store.Entries.Keys.Order(StringComparer.Ordinal), taken.Order(StringComparer.Ordinal));
        Assert.Equal(SparseOfficialFiles.Parameters(list), store.Entries.Values.Sum(entry => entry.ElementCount));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void WhatIsMissingMoreOrOfAnotherShapeIsListed(string list)
    {
        (_, string prefix, NameTable? names, Func<WeightSource, Module> build) = Parts.First(part => part.List == list);
        using var store = new ShapesStore(list);
        string[] own = [.. store.Entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        store.Remove(own[0]);
        store.Add(own[1], [3, 5, 7]);
        store.Add(prefix + "stranger", [2]);
        string message = Assert.Throws<WeightException>(() => Part(store, prefix, names).Check(build)).Message;
        Assert.Contains("(3 of its tensors)", message);
        Assert.Contains($"missing: {own[0]} [", message);
        Assert.Contains($"wrong shape: {own[1]} is [3, 5, 7] in {list}, expected [", message);
        Assert.Contains($"unexpected: {prefix}stranger [2] in {list}", message);
    }

    [Theory]
    [InlineData("generation_decoder")]
    [InlineData("edit_decoder")]
    public void DiffSynthsNamesAndBlackForestLabsAreEachOthers(string list)
    {
        const string prefix = "pipe.dit.";
        string[] theirs =
        [
            .. SparseOfficialFiles.Shapes(list)
                .Select(tensor => tensor.Name)
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        ];
        Dictionary<string, string> own = theirs.ToDictionary(
            name => FluxNames.DiffSynth.ToModel(name[prefix.Length..])!.Value.Name,
            name => name[prefix.Length..]);
        Assert.Equal(SparseOfficialFiles.Shapes("flux1-dev").Select(tensor => tensor.Name).Order(), own.Keys.Order());
        NameTable inverted = FluxNames.DiffSynth.Invert();
        foreach ((string name, string stored) in own)
        {
            TensorChange change = name.StartsWith("final_layer.adaLN_modulation", StringComparison.Ordinal)
                ? TensorChange.SwapHalves
                : TensorChange.None;
            Assert.Equal((stored, change), FluxNames.DiffSynth.ToFile(name));
            Assert.Equal((name, change), FluxNames.DiffSynth.ToModel(stored));
            Assert.Equal((name, change), inverted.ToFile(stored));
            Assert.Equal((stored, change), inverted.ToModel(name));
        }
    }

    [Theory]
    [InlineData("double_blocks.0.nobody.weight")]
    [InlineData("")]
    [InlineData("double_blocks..img_attn.qkv.weight")]
    [InlineData("double_blocks.x.img_attn.qkv.weight")]
    public void OtherNamesAreUnknown(string name)
    {
        Assert.Null(FluxNames.DiffSynth.ToFile(name));
        Assert.Null(FluxNames.DiffSynth.ToModel(name));
    }

    private static CheckpointPart Part(ITensorStore store, string prefix, NameTable? names) => new(store, prefix, names)
    {
        Elsewhere = prefix.Length == 0 ? name => name.StartsWith("visual.", StringComparison.Ordinal) : null,
    };

    /// <summary>The names and shapes of an official file, without its data.</summary>
    private sealed class ShapesStore : ITensorStore
    {
        private readonly Dictionary<string, TensorEntry> _entries = [];

        public ShapesStore(string list)
        {
            Location = list;
            foreach ((string name, long[] shape) in SparseOfficialFiles.Shapes(list))
            {
                Add(name, shape);
            }
        }

        public string Location { get; }

        public IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

        public void Add(string name, long[] shape) =>
            _entries[name] = new TensorEntry(name, ScalarType.BFloat16, ImmutableArray.Create(shape), Location, 0, 0);

        public void Remove(string name) => _entries.Remove(name);

        public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null) =>
            throw new NotSupportedException();

        public Tensor? TryMap(TensorEntry entry) => null;

        public void Dispose()
        {
        }
    }
}
