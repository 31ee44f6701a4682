using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>Models whose weights are in files of other tools.</summary>
public sealed class FormatFilesTests : IDisposable
{
    private static readonly string Cases = Path.Combine(ReferenceFolder.Path, "formats", "cases");
    private static readonly string Flux = Path.Combine(Cases, "gguf-model/flux-comfy-q8_0/flux.gguf");
    private static readonly string Pair = Path.Combine(Cases, "gguf-model/qwen2.5-vl-q8_0");

    private readonly ModelCopy _model = new();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("gguf-model/flux-comfy-q8_0/flux.gguf", 0.02)]
    [InlineData("gguf-model/flux-sdcpp-q4_0/flux.gguf", 0.2)]
    public void AGgufTransformerStandsInForThatOfADecoder(string file, double error)
    {
        string path = Path.Combine(Cases, file);
        using ModelFiles files = Open(new ModelPathOverrides { GenerationDecoder = path });
        using FluxTransformer original = files.FluxPart(files.Paths.FluxTransformer).Load(LoadOptions.Reference);
        using FluxTransformer stored = files.FluxPart(path).Load(LoadOptions.Reference);

        AssertNear(original, stored, error);

        // The adapter comes from the official file.
        files.AdapterPart.Load(LoadOptions.Reference).Dispose();
    }

    [Fact]
    public void ATransformerAloneNeedsTheOfficialFile()
    {
        using ModelFiles files = Open(new ModelPathOverrides { EditingDecoder = Flux });
        files.MergerPart.Load(LoadOptions.Reference).Dispose();

        File.Delete(_model["Nexus-GenV2/edit_decoder.bin"]);
        using ModelFiles without = Open(new ModelPathOverrides { EditingDecoder = Flux });
        string message = Assert.Throws<WeightException>(() => without.MergerPart.Load(LoadOptions.Reference)).Message;
        Assert.Contains("edit_decoder.bin", message);
        Assert.Contains(Flux, message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALanguageModelInLlamaFormStandsInForTheOfficialOne(bool map)
    {
        using ModelFiles official = new(_model.Paths);
        using ModelFiles files = Open(new ModelPathOverrides { LanguageModel = Path.Combine(Pair, "text.gguf") }, map);
        using LanguageModel original = official.LanguageModelPart.Load(LoadOptions.Reference);
        using LanguageModel stored = files.LanguageModelPart.Load(LoadOptions.Reference);
        using VisionEncoder vision = official.VisionPart.Load(LoadOptions.Reference);
        using VisionEncoder storedVision = files.VisionPart.Load(LoadOptions.Reference);

        AssertNear(original, stored, 0.02);
        AssertNear(vision, storedVision, 0.01);
    }

    [Fact]
    public void AFolderWithThePairAndTheRestIsAModel()
    {
        // What llama.cpp has no names for is kept as safetensors; the shards of the official model go.
        _model.Rewrite(
            "Nexus-GenV2/model.safetensors.index.json",
            "Nexus-GenV2/heads.safetensors",
            (name, value) => name is "vision_head.weight" or "image_prefill_embeds.weight" ? value : null);
        foreach (string file in Directory.GetFiles(_model["Nexus-GenV2"], "model*safetensors*"))
        {
            File.Delete(file);
        }

        File.Copy(Path.Combine(Pair, "text.gguf"), _model["Nexus-GenV2/text.gguf"]);
        using (ModelFiles files = Open(new ModelPathOverrides()))
        {
            Assert.Contains("mmproj", Refused(files));
        }

        File.Copy(Path.Combine(Pair, "mmproj.gguf"), _model["Nexus-GenV2/mmproj.gguf"]);
        using (ModelFiles files = Open(new ModelPathOverrides()))
        {
            files.LanguageModelPart.Load(LoadOptions.Reference).Dispose();
            files.VisionPart.Load(LoadOptions.Reference).Dispose();
        }

        File.Copy(Path.Combine(Pair, "text.gguf"), _model["Nexus-GenV2/second.gguf"]);
        using (ModelFiles files = Open(new ModelPathOverrides()))
        {
            Assert.Contains("several language models", Refused(files));
        }

        File.Delete(_model["Nexus-GenV2/second.gguf"]);
        File.Delete(_model["Nexus-GenV2/heads.safetensors"]);
        using (ModelFiles files = Open(new ModelPathOverrides()))
        {
            Assert.Contains("vision_head.weight and image_prefill_embeds.weight", Refused(files));
        }
    }

    [Fact]
    public void AFileInTheWrongPlaceIsToldWhereItBelongs()
    {
        using (ModelFiles files = Open(new ModelPathOverrides { LanguageModel = Flux }))
        {
            Assert.Contains("FLUX transformer, not the language model; it belongs in --generation-decoder-path", Refused(files));
        }

        using (ModelFiles files = Open(new ModelPathOverrides { LanguageModel = Path.Combine(Pair, "mmproj.gguf") }))
        {
            Assert.Contains("(mmproj), not the language model", Refused(files));
        }

        string text = Path.Combine(Pair, "text.gguf");
        using (ModelFiles files = Open(new ModelPathOverrides { GenerationDecoder = text }))
        {
            string message = Assert.Throws<WeightException>(() => files.AdapterPart.Load(LoadOptions.Reference)).Message;
            Assert.Contains("not a decoder; it belongs in --ckpt-path", message);
            Assert.Equal(
                message, Assert.Throws<WeightException>(() => files.FluxPart(text).Load(LoadOptions.Reference)).Message);
        }
    }

    private ModelFiles Open(ModelPathOverrides paths, bool map = true) => new(ModelPaths.Find(_model.Path, paths), map);

    private static string Refused(ModelFiles files) =>
        Assert.ThrowsAny<NexusGenException>(() => files.LanguageModelPart.Load(LoadOptions.Reference)).Message;

    private static void AssertNear(Module expected, Module actual, double error)
    {
        using var scope = NewDisposeScope();
        foreach ((Parameter a, Parameter b) in expected.Parameters.Zip(actual.Parameters))
        {
            Assert.Equal(a.Name, b.Name);
            double norm = a.Value.norm().item<float>();
            Assert.InRange((a.Value - b.Value).norm().item<float>(), 0, (error * norm) + 1e-6);
        }
    }
}
