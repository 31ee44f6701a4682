using NexusGen.Conversion;
using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Quantization;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Conversion;

/// <summary>The values, names and metadata of converted files.</summary>
public sealed class ConvertedValuesTests
{
    private static readonly string Cases = Path.Combine(ReferenceFolder.Path, "formats", "cases");

    [Theory]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_1")]
    [InlineData("q5_0")]
    [InlineData("q5_1")]
    [InlineData("q4_k")]
    [InlineData("q6_k")]
    [InlineData("gguf-bf16")]
    [InlineData("gguf-f16")]
    [InlineData("gguf-f32")]
    public unsafe void ReadValuesAreThoseOfTheBlocks(string type)
    {
        using var folder = new TemporaryFolder();
        using (Tensor wide = randn([5, 512], generator: new Generator(3)) * 0.05)
        using (Tensor vector = randn([512], generator: new Generator(4)))
        {
            SafetensorsWriter.Write(folder["a.safetensors"], [("layer.weight", wide), ("layer.bias", vector)]);
        }

        ConversionResult result = Converted.Run(folder["a.safetensors"], folder["a.gguf"], type);

        using ITensorStore old = Converted.Open(folder["a.safetensors"]), made = Converted.Open(folder["a.gguf"]);
        GgmlType ggml = StorageType.Find(type, "")!.Encoding.Ggml!;
        Assert.Equal(ggml.Name, TensorTypes.NameOf(made.Entries["layer.weight"]));
        Assert.Equal("F32", TensorTypes.NameOf(made.Entries["layer.bias"]));
        float[] original = Converted.Values(old, "layer.weight"), expected = new float[original.Length];
        var encoding = TensorEncoding.Of(ggml);
        byte[] blocks = new byte[original.Length / encoding.Unit * encoding.UnitBytes];
        ggml.Quantize!(original, blocks);
        encoding.Decode(blocks, expected);
        Assert.Equal(expected, Converted.Values(made, "layer.weight"));
        Assert.Equal(Converted.Values(old, "layer.bias"), Converted.Values(made, "layer.bias"));
        double error = expected.Zip(original, (a, b) => Math.Abs((double)a - b)).Sum() / original.Sum(x => Math.Abs((double)x));
        Assert.Equal(error, result.Errors[0].Max(tensor => tensor.Relative), 1e-9);
    }

    [Fact]
    public void Float8IsRoundedAsPyTorchRounds()
    {
        float[] values = [.. Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt32BitsToSingle((uint)i << 16))
            .Where(value => Math.Abs(value) <= 448)];
        byte[] codes = new byte[values.Length];
        Float8Quantizer.Run(values, codes);

        using Tensor given = tensor(values), narrow = given.to(TensorTypes.Float8E4M3), expected = narrow.to(ScalarType.Float32);
        float[] decoded = new float[codes.Length];
        TensorEncoding.Of(TensorTypes.Float8E4M3).Decode(codes, decoded);
        Assert.Equal(expected.data<float>().ToArray(), decoded);
    }

    [Fact]
    public void FluxEqualsTheFileOfComfyUI()
    {
        using var folder = new TemporaryFolder();
        string flux = Path.Combine(ReferenceFolder.Path, "models/tiny/FLUX/FLUX.1-dev/flux1-dev.safetensors");
        Converted.Run(flux, folder["flux.gguf"], "q8_0");

        AssertSame(Path.Combine(Cases, "gguf-model/flux-comfy-q8_0/flux.gguf"), folder["flux.gguf"], []);
    }

    [Fact]
    public void LanguageModelHasTheNamesAndMetadataOfLlamaCpp()
    {
        using var folder = new TemporaryFolder();
        using ConversionPlan plan = ConversionPlanner.Plan(
            Converted.Request(ReferenceFolder.TinyModel, folder["q8"], "q8_0") with { Parts = ["language-model"] });
        new Converter(plan).Run();

        // What their converter writes besides: names for people. It stores the table, the head and the wide matrices otherwise.
        string[] more = ["general.name", "general.size_label", "general.sampling.temp"];
        string pair = Path.Combine(Cases, "gguf-model/qwen2.5-vl-q8_0"), own = Path.Combine(folder["q8"], "Nexus-GenV2");
        AssertSame(
            Path.Combine(pair, "text.gguf"), Path.Combine(own, "language-model-q8_0.gguf"), more,
            "token_embd", "output", "ffn_down");
        AssertSame(
            Path.Combine(pair, "mmproj.gguf"), Path.Combine(own, "mmproj-q8_0.gguf"), [.. more, "general.file_type"], "weight");
    }

    [Fact]
    public void DecoderBecomesATransformerAndTheRest()
    {
        using var folder = new TemporaryFolder();
        Converted.Run(Converted.Decoder, folder["decoder.gguf"], "gguf-f32");

        Assert.Equal(["decoder.gguf", "decoder_rest.safetensors"], folder.Names);
        using ITensorStore rest = Converted.Open(folder["decoder_rest.safetensors"]), old = Converted.Open(Converted.Decoder);
        Assert.All(rest.Entries.Keys, name => Assert.StartsWith("adapter.", name));
        Assert.All(rest.Entries.Keys, name => Assert.Equal(Converted.Values(old, name), Converted.Values(rest, name)));

        // The last modulation has its halves in the other order there.
        using ITensorStore flux = Converted.Open(folder["decoder.gguf"]);
        float[] stored = Converted.Values(old, "pipe.dit.final_norm_out.linear.bias");
        float[] swapped = [.. stored[(stored.Length / 2)..], .. stored[..(stored.Length / 2)]];
        Assert.Equal(swapped, Converted.Values(flux, "final_layer.adaLN_modulation.1.bias"));
    }

    [Fact]
    public void OtherFormsOfWeightsAreWidened()
    {
        using var folder = new TemporaryFolder();
        foreach (string path in (string[])
            [
                "gguf-model/flux-sdcpp-q4_0/flux.gguf", "nf4-weights/flux-nf4", "fp8-weights/flux-scaled-old",
                "awq-weights/qwen2.5-gemm",
            ])
        {
            string source = Path.Combine(Cases, path);
            source = File.Exists(source) ? source : Directory.GetFiles(source, "*.safetensors")
                .First(file => Path.GetFileName(file) != "tensors.safetensors");
            string output = folder[path.Replace('/', '-') + ".safetensors"];
            Converted.Run(source, output, "f32");

            using ITensorStore old = TensorStore.OpenModel(source), made = Converted.Open(output);
            Assert.Equal(old.Entries.Count, made.Entries.Count);
            foreach (string name in old.Entries.Keys.Where(made.Entries.ContainsKey))
            {
                Assert.Equal(Converted.Values(old, name), Converted.Values(made, name));
            }
        }
    }

    [Fact]
    public void GgufKeepsNamesAndMetadataInAnotherType()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(Cases, "gguf-model/qwen2.5-vl-q8_0/text.gguf");
        Converted.Run(source, folder["text.gguf"], "q4_0");

        AssertSame(source, folder["text.gguf"], ["general.file_type"], "weight");
        using ITensorStore made = Converted.Open(folder["text.gguf"]);
        Assert.Equal("Q4_0", TensorTypes.NameOf(made.Entries["blk.0.attn_q.weight"]));
        Assert.Equal("F16", TensorTypes.NameOf(made.Entries["token_embd.weight"]));
    }

    [Theory]
    [InlineData("f16", 70000f, "70000")]
    [InlineData("fp8", 1000f, "1000")]
    [InlineData("bf16", float.NaN, "not numbers")]
    [InlineData("q8_0", float.PositiveInfinity, "not numbers")]
    public void ValuesThatATypeCantHoldAreRefused(string type, float value, string said)
    {
        using var folder = new TemporaryFolder();
        using (Tensor wide = full([64, 64], value))
        {
            SafetensorsWriter.Write(folder["a.safetensors"], [("layer.weight", wide)]);
        }

        string output = folder["b" + (type == "q8_0" ? ".gguf" : ".safetensors")];
        string message = Assert.ThrowsAny<NexusGenException>(() => Converted.Run(folder["a.safetensors"], output, type)).Message;
        Assert.Contains(said, message);
        Assert.Contains("layer.weight", message);
        Assert.Equal(["a.safetensors"], folder.Names);
    }

    [Fact]
    public void WideRulesHoldForAllNamesOfFlux()
    {
        using ITensorStore store = TensorStore.OpenModel(Converted.Decoder);
        var encoding = StorageType.Find("q8_0", "")!.Encoding;
        string[] wide = [.. store.Entries.Where(entry => entry.Value.Shape.Length == 2
            && WideRule.Find(entry.Key, entry.Value.Shape, encoding) is not null).Select(entry => entry.Key)];

        Assert.Contains("pipe.dit.x_embedder.weight", wide);
        Assert.Contains("pipe.dit.final_norm_out.linear.weight", wide);
        Assert.DoesNotContain(wide, name => name.Contains("blocks.", StringComparison.Ordinal));
    }

    // The same metadata, and tensors of the same names and shapes; those whose names have none of the words with the same bytes.
    private static void AssertSame(string expected, string actual, string[] others, params string[] words)
    {
        using WeightFile one = WeightFile.Open(expected), two = WeightFile.Open(actual);
        GgufHeader theirs = GgufHeader.Read(one), ours = GgufHeader.Read(two);
        foreach ((string key, object value) in theirs.Metadata.Where(pair => !others.Contains(pair.Key)))
        {
            Assert.Equal(value, ours.Metadata[key]);
        }

        Assert.Equal(
            theirs.Tensors.Select(tensor => (tensor.Name, Shape: string.Join(",", tensor.Shape))).Order(),
            ours.Tensors.Select(tensor => (tensor.Name, Shape: string.Join(",", tensor.Shape))).Order());
        Dictionary<string, TensorEntry> byName = ours.Tensors.ToDictionary(tensor => tensor.Name);
        foreach (TensorEntry tensor in theirs.Tensors.Where(tensor => !words.Any(tensor.Name.Contains)))
        {
            TensorEntry own = byName[tensor.Name];
            Assert.Equal(TensorTypes.NameOf(tensor), TensorTypes.NameOf(own));
            Assert.Equal(
                one.ReadBytes(tensor.Offset, (int)tensor.ByteLength), two.ReadBytes(own.Offset, (int)own.ByteLength));
        }
    }
}
