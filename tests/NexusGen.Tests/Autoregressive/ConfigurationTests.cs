using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Core;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of reading <c>config.json</c> and <c>generation_config.json</c>.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private static readonly string Model = Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheFilesValuesAreRead()
    {
        JsonNode json = Json("config.json");
        LanguageModelConfiguration c = LanguageModelConfiguration.Read(Path.Combine(Model, "config.json"), imageTokens: 25);
        Assert.Equal((int)json["hidden_size"]!, c.HiddenSize);
        Assert.Equal((int)json["num_key_value_heads"]!, c.NumKeyValueHeads);
        Assert.Equal(json["rope_scaling"]!["mrope_section"]!.AsArray().Select(n => (int)n!), c.MropeSection);
        Assert.Equal((int)json["image_token_id"]!, c.ImageTokenId);
        Assert.Equal(25, c.ImageTokens);
        Assert.Equal((int)json["vision_config"]!["depth"]!, c.Vision.Depth);
    }

    [Fact]
    public void WhatTheFileLeavesOutHasTheReferencesValue()
    {
        VisionConfiguration v = LanguageModelConfiguration.Read(Write(json => { })).Vision;
        Assert.Equal((14, 2, 2, 112), (v.PatchSize, v.TemporalPatchSize, v.SpatialMergeSize, v.WindowSize));
        Assert.Equal(1e-6, LanguageModelConfiguration.Read(Write(json => json.Remove("rms_norm_eps"))).RmsNormEps);
        Assert.True(LanguageModelConfiguration.Read(Write(json => json["tie_word_embeddings"] = true)).TieWordEmbeddings);
    }

    public static TheoryData<string, string?, string> WrongValues => new()
    {
        { "hidden_size", null, "lacks hidden_size" },
        { "hidden_size", "\"64\"", "integer" },
        { "hidden_size", "66", "multiple of num_attention_heads" },
        { "num_attention_heads", "0", "num_attention_heads must be at least 1" },
        { "num_key_value_heads", "3", "num_key_value_heads" },
        { "num_hidden_layers", "-1", "num_hidden_layers" },
        { "vocab_size", "99", "vocabulary of 99" },
        { "hidden_act", "\"gelu\"", "hidden_act" },
        { "use_sliding_window", "true", "use_sliding_window" },
        { "rope_scaling", """{"type": "yarn", "mrope_section": [2, 3, 3]}""", "yarn" },
        { "rope_scaling", """{"mrope_section": [2, 3, 4]}""", "mrope_section" },
        { "rope_scaling", """{"mrope_section": [8, -1, 1]}""", "mrope_section" },
        { "vision_config", """{"out_hidden_size": 64, "hidden_size": 32, "num_heads": 0}""", "num_heads" },
        { "vision_config", """{"out_hidden_size": 64, "hidden_size": 32, "num_heads": 2, "window_size": 14}""", "window_size" },
        { "vision_config", """{"out_hidden_size": 64, "hidden_size": 32, "num_heads": 2, "patch_size": 0}""", "patch_size" },
        { "vision_config", """{"out_hidden_size": 60, "hidden_size": 32, "num_heads": 2}""", "out_hidden_size" },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void AWrongValueIsNamedInOneSentence(string field, string? value, string said)
    {
        string path = Write(json =>
        {
            json.Remove(field);
            if (value is not null)
            {
                json[field] = JsonNode.Parse(value);
            }
        });
        string message = Assert.Throws<NexusGenException>(() => LanguageModelConfiguration.Read(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(said, message);
        Assert.EndsWith(".", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void HowRepliesAreSampledIsRead()
    {
        GenerationConfiguration g = GenerationConfiguration.Read(Path.Combine(Model, "generation_config.json"));
        JsonNode json = Json("generation_config.json");
        Assert.Equal(json["eos_token_id"]!.AsArray().Select(n => (int)n!), g.EosTokenIds);
        Assert.Equal((double)json["repetition_penalty"]!, g.Sampling.RepetitionPenalty);
        Assert.Equal(50, g.Sampling.TopK);
        Assert.Equal(1, g.Sampling.TopP);
    }

    [Fact]
    public void ASingleEndTokenIsAList()
    {
        File.WriteAllText(_folder["generation_config.json"], """{"eos_token_id": 7, "do_sample": false, "temperature": 0.7}""");
        GenerationConfiguration g = GenerationConfiguration.Read(_folder["generation_config.json"]);
        Assert.Equal([7], g.EosTokenIds);
        Assert.Equal(0, g.Sampling.Temperature);
    }

    private static JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Model, file)))!;

    private string Write(Action<JsonObject> change)
    {
        JsonObject json = Json("config.json").AsObject();
        change(json);
        File.WriteAllText(_folder["config.json"], json.ToJsonString());
        return _folder["config.json"];
    }
}
