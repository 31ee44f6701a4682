using System.Text;
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
        Assert.Equal(1e-5, LanguageModelConfiguration.Read(Write(json => json.Remove("rms_norm_eps"))).RmsNormEps);
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
        { "layer_types", """["full_attention", "sliding_attention"]""", "only full_attention" },
        { "head_dim", "32", "head_dim is 32, but only 16" },
        { "partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5, but only 1 " },
        { "rope_parameters", """{"rope_theta": 500.0}""", "rope_theta is 500.0, but " },
        { "rope_parameters", "5", "rope_parameters must be an object" },
        { "text_config", """{"hidden_size": 65}""", "hidden_size is 64, but " },
        { "rope_scaling", null, "lacks rope_scaling" },
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
        GenerationConfiguration g = GenerationConfiguration.Read(Model);
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
        Write(json => { });
        GenerationConfiguration g = GenerationConfiguration.Read(_folder.Path);
        Assert.Equal([7], g.EosTokenIds);
        Assert.Equal(0, g.Sampling.Temperature);
    }

    [Theory]
    [InlineData("both")]
    [InlineData("nested")]
    [InlineData("nested rope_parameters")]
    [InlineData("rope_parameters")]
    [InlineData("nulls")]
    public void EveryVersionOfTransformersGivesTheSame(string form)
    {
        LanguageModelConfiguration c = LanguageModelConfiguration.Read(Write(json =>
        {
            json["rope_theta"] = 54321.0;
            json["tie_word_embeddings"] = true;
            string[] text =
            [
                "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                "vocab_size", "rms_norm_eps", "max_position_embeddings", "rope_theta", "rope_scaling", "hidden_act",
                "tie_word_embeddings", "eos_token_id",
            ];
            if (form.Contains("rope_parameters"))
            {
                JsonNode rope = json["rope_scaling"]!.DeepClone();
                rope["rope_theta"] = json["rope_theta"]!.DeepClone();
                json.Remove("rope_theta");
                json.Remove("rope_scaling");
                json["rope_parameters"] = rope;
                text = [.. text.Except(["rope_theta", "rope_scaling"]), "rope_parameters"];
            }

            if (form == "both" || form.StartsWith("nested"))
            {
                json["text_config"] = new JsonObject(
                    text.Select(name => KeyValuePair.Create(name, json[name]?.DeepClone())));
            }

            if (form.StartsWith("nested"))
            {
                Array.ForEach(text, name => json.Remove(name));
            }

            if (form == "nulls")
            {
                json["text_config"] = new JsonObject { ["hidden_size"] = null, ["image_token_id"] = null };
                json["rope_parameters"] = null;
                json["layer_types"] = null;
                json["head_dim"] = null;
            }
        }));
        LanguageModelConfiguration official = LanguageModelConfiguration.Read(Path.Combine(Model, "config.json"));
        Assert.Equal(54321, c.RopeTheta);
        Assert.True(c.TieWordEmbeddings);
        Assert.Equal(official.MropeSection, c.MropeSection);
        Assert.Equal(official.Vision.FullattBlockIndexes, c.Vision.FullattBlockIndexes);
        Assert.Equal(
            official with { MropeSection = [], Vision = VisionConfiguration.NexusGenV2 },
            c with
            {
                RopeTheta = official.RopeTheta,
                TieWordEmbeddings = false,
                MropeSection = [],
                Vision = VisionConfiguration.NexusGenV2,
            });
        File.Delete(_folder["generation_config.json"]);
        Assert.Equal([(int)Json("config.json")["eos_token_id"]!], GenerationConfiguration.Read(_folder.Path).EosTokenIds);
    }

    [Fact]
    public void NullHeadsForKeysAndValuesAreAllHeads()
    {
        string path = Write(json => json["num_key_value_heads"] = null);
        Assert.Equal(4, LanguageModelConfiguration.Read(path).NumKeyValueHeads);
    }

    [Fact]
    public void WithoutGenerationConfigurationRepliesAreGreedyAndEndAsTheModelSays()
    {
        Write(json => json["eos_token_id"] = new JsonArray(5, 6));
        GenerationConfiguration g = GenerationConfiguration.Read(_folder.Path);
        Assert.Equal([5, 6], g.EosTokenIds);
        Assert.Equal((0.0, 1.0, 1.0), (g.Sampling.Temperature, g.Sampling.TopP, g.Sampling.RepetitionPenalty));
    }

    [Fact]
    public void EndTokensThatAreMissingOrNullAreThoseOfTheModel()
    {
        Write(json => json["eos_token_id"] = 9);
        File.WriteAllText(_folder["generation_config.json"], """{"eos_token_id": null, "do_sample": true}""");
        GenerationConfiguration g = GenerationConfiguration.Read(_folder.Path);
        Assert.Equal([9], g.EosTokenIds);
        Assert.Equal(1, g.Sampling.Temperature);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void AByteOrderMarkIsNotPartOfTheFile(string encoding)
    {
        string path = Write(json => { });
        int size = LanguageModelConfiguration.Read(path).HiddenSize;
        File.WriteAllText(path, File.ReadAllText(path), Encoding.GetEncoding(encoding));
        Assert.Equal(size, LanguageModelConfiguration.Read(path).HiddenSize);
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
