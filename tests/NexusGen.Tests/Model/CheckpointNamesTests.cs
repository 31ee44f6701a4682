using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>Checkpoints of the language model with the names of other versions of transformers and of other tools.</summary>
public sealed class CheckpointNamesTests : IDisposable
{
    private const string Language = "Nexus-GenV2";

    private readonly ModelCopy _model = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _model.Dispose();
    }

    public static TheoryData<string> Conventions => ["official", "transformers 4.52", "language_model", "wrapped", "moved"];

    [Theory]
    [MemberData(nameof(Conventions))]
    public void EveryConventionGivesTheOfficialValues(string convention)
    {
        Dictionary<string, Tensor> official = Read();
        Write(official.Select(pair => (Named(pair.Key, convention), pair.Value)));
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        using LanguageModel language = files.LanguageModelPart.Load(LoadOptions.Reference);
        using VisionEncoder vision = files.VisionPart.Load(LoadOptions.Reference);
        Same(official, "", language);
        Same(official, "visual.", vision);
        Assert.Equal(official.Count, language.Parameters.Count() + vision.Parameters.Count());
    }

    [Fact]
    public void ConstantsThatEveryReaderComputesAreIgnored()
    {
        Dictionary<string, Tensor> official = Read();
        Write([
            .. official.Select(pair => (pair.Key, pair.Value)),
            ("model.rotary_emb.inv_freq", ones(8)),
            ("model.layers.0.self_attn.rotary_emb.inv_freq", ones(8)),
            ("visual.rotary_pos_emb.inv_freq", ones(4)),
        ]);
        _model.Rewrite(
            $"{Language}/edit_decoder.bin", $"{Language}/edit_decoder.safetensors", (_, value) => value,
            "embedding_merger.rotary_emb.inv_freq", "position_ids");
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        files.LanguageModelPart.Load(LoadOptions.Reference).Dispose();
        files.VisionPart.Load(LoadOptions.Reference).Dispose();
        files.MergerPart.Load(LoadOptions.Reference).Dispose();
    }

    [Fact]
    public void AStoredHeadBesideTiedEmbeddingsIsIgnored()
    {
        string configuration = _model[$"{Language}/config.json"];
        File.WriteAllText(
            configuration,
            File.ReadAllText(configuration).Replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        Assert.True(files.LanguageModel.TieWordEmbeddings);
        using LanguageModel language = files.LanguageModelPart.Load(LoadOptions.Reference);
        Tensor state = randn(1, files.LanguageModel.HiddenSize);
        Tensor table = Read()["model.embed_tokens.weight"].to(ScalarType.Float32);
        Assert.True(language.Logits(state).allclose(nn.functional.linear(state, table), atol: 1e-5));
    }

    [Fact]
    public void ARefusalSaysWhatTheFileContains()
    {
        Write(Read().Select(pair => ("transformer." + pair.Key, pair.Value)));
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        string message = Assert.ThrowsAny<NexusGenException>(() => files.VisionPart.Load(LoadOptions.Reference)).Message;
        Assert.Matches(@"\. [0-9]+ tensors are missing; the file contains names such as transformer\.[a-z_.0-9]+, ", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void ATensorUnderTwoNamesIsRefused()
    {
        Write([.. Read().Select(pair => (pair.Key, pair.Value)), ("model.language_model.norm.weight", ones(64))]);
        using ModelFiles files = new(ModelPaths.Find(_model.Path));
        string message = Assert.ThrowsAny<NexusGenException>(() => files.VisionPart.Load(LoadOptions.Reference)).Message;
        Assert.Contains("contains the tensor model.norm.weight twice, as ", message);
        Assert.Contains("as model.language_model.norm.weight", message);
    }

    private static string Named(string name, string convention) => convention switch
    {
        "transformers 4.52" when name.StartsWith("model.", StringComparison.Ordinal) => "model.language_model." + name[6..],
        "transformers 4.52" when name.StartsWith("visual.", StringComparison.Ordinal) => "model." + name,
        "language_model" when name.StartsWith("model.", StringComparison.Ordinal) || name == "lm_head.weight" =>
            "language_model." + name,
        "wrapped" => "state_dict.module._orig_mod." + name,
        "moved" when !name.StartsWith("model.", StringComparison.Ordinal) => "model." + name,
        "moved" => "model.language_model._orig_mod." + name[6..],
        _ => name,
    };

    private static void Same(Dictionary<string, Tensor> official, string prefix, Module module) => Assert.All(
        module.Parameters,
        parameter => Assert.True(
            official[prefix + parameter.Name].to(ScalarType.Float32).allclose(parameter.Value, rtol: 0, atol: 0),
            prefix + parameter.Name));

    private static Dictionary<string, Tensor> Read()
    {
        using ITensorStore store = TensorStore.Open(Path.Combine(LoadedModel.Folder, Language));
        return store.Entries.Values.ToDictionary(entry => entry.Name, entry => store.Read(entry));
    }

    private void Write(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        foreach (string file in Directory.GetFiles(_model[Language], "model*.safetensors*"))
        {
            File.Delete(file);
        }

        SafetensorsWriter.Write(_model[$"{Language}/model.safetensors"], tensors);
    }
}
