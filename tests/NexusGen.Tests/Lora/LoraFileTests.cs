using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Lora;

/// <summary>What LoRA files may look like beside the cases of the reference, and what is refused by name.</summary>
public sealed class LoraFileTests : IDisposable
{
    private const string Kohya = "lora_unet_double_blocks_0_img_attn_proj.", Layer = "double_blocks.0.img_attn.proj";

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly Generator _generator = new(5);
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFiles _files = new(ModelPaths.Find(ReferenceFolder.TinyModel));
    private readonly LoraTargets _targets;

    public LoraFileTests() => _targets = new(_files);

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
        _generator.Dispose();
        _scope.Dispose();
    }

    public static TheoryData<string, string> WrongTensors => new()
    {
        { Kohya + "lora_mid.weight", "core" },
        { Kohya + "oft_blocks", "OFT" },
        { Kohya + "lora_A.bias", "lora_A.bias" },
        { Kohya + "weight", "whole tensor" },
        { "lora_unet_single_blocks_0_linear1_.lora_down.weight", "linear1_" },
        { "diffusion_model.distilled_guidance_layer.in_proj.lora_A.weight", "distilled_guidance_layer" },
        { "lora_unet_double_blocks_0_img_attn_norm_query_norm.scale", "norm" },
        { "transformer.transformer_blocks.0.attn.to_out.0.lora_A.weight", "change the same layer" },
    };

    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, true)]
    [InlineData(ScalarType.Float64, true)]
    [InlineData(ScalarType.Int64, false)]
    [InlineData(ScalarType.Int32, true)]
    public void AlphaMayHaveAnyTypeAndOneDimension(ScalarType type, bool dimension)
    {
        long[] shape = dimension ? [1] : [];
        Tensor alpha = full(shape, 6, dtype: type);
        Tensor with = Change(Write([.. Good(), (Kohya + "alpha", alpha)])), without = Change(Write(Good()));
        Assert.True(allclose(with, without * 2, atol: 1e-6));
    }

    [Fact]
    public void TypesMayBeMixedAndAreReadExactly()
    {
        Tensor down = (Random(3, 64) * 4).round(), up = (Random(64, 3) * 4).round();
        Tensor expected = up.matmul(down);
        foreach ((ScalarType one, ScalarType other) in ((ScalarType, ScalarType)[])
            [(ScalarType.Float64, ScalarType.BFloat16), (TensorTypes.Float8E4M3, ScalarType.Float16),
                (TensorTypes.Float8E5M2, ScalarType.Float32)])
        {
            // Few bits: the smallest integers are exact in all types.
            Tensor small = one == TensorTypes.Float8E5M2 ? down.clamp(-4, 4) : down;
            Tensor product = one == TensorTypes.Float8E5M2 ? up.matmul(small) : expected;
            Assert.True(product.equal(Change(Write(
                [(Kohya + "lora_down.weight", small.to(one)), (Kohya + "lora_up.weight", up.to(other))]))).all().item<bool>());
        }
    }

    [Fact]
    public void BiasesAreAdded()
    {
        Tensor bias = Random(64), more = Random(64);
        using LoraWeights weights = Read(Write(
            [.. Good("img_in.lora_A.weight", "img_in.lora_B.weight"), ("img_in.lora_B.bias", bias),
                ("diffusion_model.double_blocks.1.txt_attn.proj.diff_b", more)]));
        Assert.True(bias.equal(Bias(weights, "img_in")).all().item<bool>());
        Assert.True(more.equal(Bias(weights, "double_blocks.1.txt_attn.proj")).all().item<bool>());
    }

    [Fact]
    public void LargeHeadersAndTextEncodersAreNoObstacle()
    {
        string path = Write(
            [.. Good(), ("lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", Random(2, 8))],
            new Dictionary<string, string> { ["ss_tag_frequency"] = new('x', 80_000) });
        Assert.True(Change(path).equal(Change(Write(Good()))).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(WrongTensors))]
    public void WhatIsNotUnderstoodIsRefusedByName(string name, string word) =>
        Assert.Contains(word, Refusal([.. Good(), (name, Random(3, 64))]), StringComparison.Ordinal);

    [Fact]
    public void WrongValuesAreRefusedByName()
    {
        Tensor down = Random(3, 64), up = Random(64, 3), broken = up.clone();
        broken[5, 1] = float.NaN;
        Assert.Contains("NaN", Named(down, broken), StringComparison.Ordinal);
        broken[5, 1] = float.PositiveInfinity;
        Assert.Contains("infinite", Named(down, broken), StringComparison.Ordinal);
        Assert.Contains("rank 0", Named(zeros(0, 64), zeros(64, 0)), StringComparison.Ordinal);
        Assert.Contains("I32", Named(down.to(ScalarType.Int32), up), StringComparison.Ordinal);
        Assert.Contains("alpha", Refusal([.. Good(), (Kohya + "alpha", zeros(2))]), StringComparison.Ordinal);
        Assert.Contains("dora_scale", Refusal([.. Good(), (Kohya + "dora_scale", ones(64, 1) * 2)]), StringComparison.Ordinal);
        Assert.Contains(
            "lora_te1_a.alpha", Refusal([("lora_te1_a.alpha", ones(1))]), StringComparison.Ordinal);
        Assert.Contains(
            "another model",
            Refusal(Good("unet.down_blocks.0.to_q.lora_A.weight", "unet.down_blocks.0.to_q.lora_B.weight")),
            StringComparison.Ordinal);

        string Named(Tensor first, Tensor second)
        {
            string message = Refusal([(Kohya + "lora_down.weight", first), (Kohya + "lora_up.weight", second)]);
            Assert.Contains(Kohya, message, StringComparison.Ordinal);
            return message;
        }
    }

    [Fact]
    public void AFileThatWasCutIsRefused()
    {
        string path = Write(Good());
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^40]);
        Assert.Contains("truncated", Assert.ThrowsAny<NexusGenException>(() => Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAdapterOfTheLanguageModelNeedsItsConfiguration()
    {
        const string Name = "base_model.model.model.layers.0.self_attn.q_proj.";
        string folder = _folder["adapter"], weights = Path.Combine(folder, "adapter_model.safetensors");
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(weights, Good(Name + "lora_A.weight", Name + "lora_B.weight"));
        Assert.True(LoraFile.IsForLanguageModel(weights));
        Assert.Contains("adapter_config.json", Message(weights), StringComparison.Ordinal);

        // The file itself is as good as its folder.
        Configure("""{"peft_type": "LORA", "r": 3, "lora_alpha": 6}""");
        using (LoraWeights one = Read(weights, _targets.Language), other = Read(folder, _targets.Language))
        {
            Tensor change = one.Changes[0].Delta.WeightChange(() => zeros(1))!;
            Assert.True(change.equal(other.Changes[0].Delta.WeightChange(() => zeros(1))!).all().item<bool>());
        }

        foreach ((string json, string word) in ((string, string)[])
        [
            ("""{"r": 0}""", "r is 0"),
            ("""{"r": 3, "init_lora_weights": "pissa_niter_4"}""", "pissa"),
            ("""{"r": 3, "use_dora": true}""", "use_dora"),
            ("""{"r": 3, "modules_to_save": ["lm_head"]}""", "lm_head"),
            ("""{"r": 3, "alpha_pattern": {"(": 1}}""", "regular expression"),
            ("""{"r": 3, "fan_in_fan_out": true}""", "fan_in_fan_out"),
            ("""{"r": 3, "lora_alpha": "much"}""", "lora_alpha"),
            ("[]", "object"),
            ("{", "JSON"),
        ])
        {
            Configure(json);
            Assert.Contains(word, Message(folder), StringComparison.Ordinal);
        }

        void Configure(string json) => File.WriteAllText(Path.Combine(folder, "adapter_config.json"), json);
        string Message(string path) =>
            Assert.ThrowsAny<NexusGenException>(() => Read(path, _targets.Language)).Message;
    }

    private (string, Tensor)[] Good(string down = Kohya + "lora_down.weight", string up = Kohya + "lora_up.weight")
    {
        using var generator = new Generator(9);
        return [(down, randn([3, 64], generator: generator)), (up, randn([64, 3], generator: generator))];
    }

    private Tensor Random(params long[] shape) => randn(shape, generator: _generator);

    private string Write((string, Tensor)[] tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string path = _folder[$"{Guid.NewGuid()}.safetensors"];
        SafetensorsWriter.Write(path, tensors, metadata);
        return path;
    }

    private string Refusal((string, Tensor)[] tensors) =>
        Assert.ThrowsAny<NexusGenException>(() => Read(Write(tensors))).Message;

    private LoraWeights Read(string path, LoraTarget? target = null)
    {
        using LoraFile file = LoraFile.Open(path);
        return LoraReader.Read(file, target ?? _targets.GenerationDecoder, CPU);
    }

    private Tensor Change(string path)
    {
        using LoraWeights weights = Read(path);
        (string layer, LinearDelta delta) = Assert.Single(weights.Changes);
        Assert.Equal(Layer, layer);
        return delta.WeightChange(() => zeros(1))!;
    }

    private static Tensor Bias(LoraWeights weights, string layer) =>
        weights.Changes.Where(change => change.Path == layer).Select(change => change.Delta.BiasChange())
            .Single(change => change is not null)!;
}
