using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>An incomplete model is rejected with a list of the problems and the files that have them.</summary>
public sealed class ModelFilesTests : IDisposable
{
    private const string GenerationDecoder = "Nexus-GenV2/generation_decoder.bin";

    private readonly ModelCopy _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void MissingMoreAndMisshapenAreListedTogether()
    {
        const string shard = "Nexus-GenV2/model-00001-of-00002.safetensors";
        _model.Rewrite(shard, shard, (name, value) => name switch
        {
            "model.layers.0.mlp.up_proj.weight" => value.narrow(0, 0, 5).clone(),
            _ => value,
        });
        using ModelFiles files = new(_model.Paths);
        string message = Refused(() => files.LanguageModelPart.Load(LoadOptions.Reference));
        Assert.Contains("(1 of its tensors)", message);
        Assert.Contains("wrong shape: model.layers.0.mlp.up_proj.weight is [5, 64] in ", message);
        Assert.Contains("model-00001-of-00002.safetensors, expected [112, 64]", message);

        // The part of the vision encoder in the same file is complete.
        files.VisionPart.Load(LoadOptions.Reference).Dispose();
    }

    [Fact]
    public void OnlyTheFirstTenAreListed()
    {
        int left = 0;
        _model.Rewrite(
            GenerationDecoder, "Nexus-GenV2/generation_decoder.safetensors",
            (name, value) => name.StartsWith("pipe.dit.blocks.1.", StringComparison.Ordinal) && left++ < 13 ? null : value,
            "pipe.dit.more",
            "pipe.dit.other");
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        string message = Refused(() => files.FluxPart(files.Paths.GenerationDecoder).Load(LoadOptions.Reference));
        Assert.Contains("generation_decoder.safetensors does not fit the model (15 of its tensors): ", message);
        Assert.Equal(10, message.Split("missing: pipe.dit.blocks.1.").Length - 1);
        Assert.Contains("; and 5 more.", message);
        files.AdapterPart.Load(LoadOptions.Reference).Dispose();
    }

    [Fact]
    public void TensorsThatBelongToNoPartAreNamed()
    {
        _model.Rewrite(
            GenerationDecoder,
            "Nexus-GenV2/generation_decoder.safetensors",
            (_, value) => value,
            "adaptor.0.weight",
            "visual.x");
        _model.Rewrite(
            "FLUX/FLUX.1-dev/ae.safetensors",
            "FLUX/FLUX.1-dev/ae.safetensors",
            (_, value) => value,
            "quant_conv.weight");
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        string message = Refused(() => files.AdapterPart.Load(LoadOptions.Reference));
        Assert.Contains(
            "generation_decoder.safetensors contains tensors that belong to no component of the model: adaptor.0.weight, "
            + "visual.x",
            message);
        Assert.Contains("expected only names that begin with adapter. or pipe.dit.", message);
        Assert.Contains("quant_conv.weight", Refused(() => files.AutoencoderDecoderPart.Load(LoadOptions.Reference)));
    }

    [Theory]
    [InlineData("FLUX/FLUX.1-dev/text_encoder/model.safetensors", "text_model.final_layer_norm.weight")]
    [InlineData("FLUX/FLUX.1-dev/ae.safetensors", "decoder.conv_out.bias")]
    [InlineData("FLUX/FLUX.1-dev/flux1-dev.safetensors", "single_blocks.1.linear2.bias")]
    [InlineData("Nexus-GenV2/model-00002-of-00002.safetensors", null)]
    public void AMissingTensorIsNamedInEveryFile(string file, string? tensor)
    {
        string removed = tensor ?? "";
        _model.Rewrite(file, file, (name, value) =>
        {
            if (removed.Length == 0 && !name.StartsWith("visual.", StringComparison.Ordinal))
            {
                removed = name;
            }

            return name == removed ? null : value;
        });
        using ModelFiles files = new(_model.Paths);
        string message = Refused(() =>
        {
            files.ClipPart.Load(LoadOptions.Reference).Dispose();
            files.AutoencoderDecoderPart.Load(LoadOptions.Reference).Dispose();
            files.FluxPart(files.Paths.FluxTransformer).Load(LoadOptions.Reference).Dispose();
            files.LanguageModelPart.Load(LoadOptions.Reference).Dispose();
        });
        Assert.Contains(removed, message);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        File.Delete(_model[GenerationDecoder]);
        Directory.Delete(_model.Paths.T5, recursive: true);
        using ModelFiles files = new(_model.Paths);
        Assert.Contains(_model[GenerationDecoder], Refused(() => files.AdapterPart.Load(LoadOptions.Reference)));
        Assert.Contains(_model.Paths.T5, Refused(() => files.T5Part.Load(LoadOptions.Reference)));
    }

    [Fact]
    public void OtherSizesThanTheFilesAreRefusedWithAHint()
    {
        File.WriteAllText(
            _model["nexus-gen.json"],
            File.ReadAllText(_model["nexus-gen.json"]).Replace("\"depth_single_blocks\": 2", "\"depth_single_blocks\": 3"));
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        string message = Refused(() => files.FluxPart(files.Paths.EditingDecoder).Load(LoadOptions.Reference));
        Assert.Contains("missing: pipe.dit.single_blocks.2.to_qkv_mlp.weight [", message);
        Assert.EndsWith("that nexus-gen.json has its sizes.", message);
    }

    [Fact]
    public void ADecoderWhoseContextDoesNotFitItsTransformerIsRefused()
    {
        using var scope = NewDisposeScope();
        using ModelFiles files = new(_model.Paths);
        using var adapter = new GenerationAdapter(new WeightSource(new RandomWeights(1), LoadOptions.Reference), 64, 48);
        using NexusGen.Diffusion.Flux.FluxTransformer transformer =
            files.FluxPart(files.Paths.GenerationDecoder).Load(LoadOptions.Reference);
        string message = Assert.Throws<NexusGenException>(
            () => new GenerationDecoder(adapter, transformer, TextIdLayout.Zeros, merge: 2)).Message;
        Assert.Contains("width 96 ", message);
        Assert.Contains("width 48 ", message);
    }

    [Fact]
    public void MeasuringReadsNothing()
    {
        using ModelFiles files = new(_model.Paths);
        long exact = files.FluxPart(files.Paths.EditingDecoder).Measure(LoadOptions.Reference).Total;
        File.Delete(_model.Paths.EditingDecoder);
        Assert.Equal(exact, files.FluxPart(files.Paths.EditingDecoder).Measure(LoadOptions.Reference).Total);
        Assert.Equal(exact / 2, files.FluxPart(files.Paths.EditingDecoder).Measure(new(new(CPU, ScalarType.BFloat16))).Total);
    }

    private static string Refused(Action load)
    {
        string message = Assert.ThrowsAny<NexusGenException>(load).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
