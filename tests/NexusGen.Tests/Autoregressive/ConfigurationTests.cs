using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Diffusion;
using NexusGen.Tests.Weights;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Configuration files: what they may leave out, and one sentence for each thing that can't be.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatTheFileLeavesOutIsAsOfficially()
    {
        LanguageModelConfiguration read = LanguageModelConfiguration.Read(Path.Combine(LoadedModel.Folder, "Nexus-GenV2", "config.json"), 81);
        Assert.Equal((64, 3, 2048, 1e-6, 1e6), (read.HiddenSize, read.NumHiddenLayers, read.VocabSize, read.RmsNormEps, read.RopeTheta));
        Assert.Equal([2, 3, 3], read.MropeSection);
        Assert.Equal((14, 2, 2, 112), (read.Vision.PatchSize, read.Vision.TemporalPatchSize, read.Vision.SpatialMergeSize, read.Vision.WindowSize));
        Assert.Equal([1, 3], read.Vision.FullattBlockIndexes);
        GenerationConfiguration generation = GenerationConfiguration.Read(Path.Combine(LoadedModel.Folder, "Nexus-GenV2", "generation_config.json"));
        Assert.Equal([2002, 2000], generation.EosTokenIds);
        Assert.Equal(new SamplingOptions { Temperature = 1e-6, TopK = 50, RepetitionPenalty = 1.05 }, generation.Sampling);
    }

    [Theory]
    [InlineData("hidden_size", null, "lacks hidden_size")]
    [InlineData("hidden_size", "\"wide\"", "hidden_size must be a whole number, but is \"wide\"")]
    [InlineData("hidden_size", "64.5", "hidden_size must be a whole number")]
    [InlineData("hidden_size", "99999999999", "hidden_size must be a whole number")]
    [InlineData("hidden_size", "-64", "hidden_size must be a whole number")]
    [InlineData("hidden_size", "0", "hidden_size must be at least 1, but is 0")]
    [InlineData("hidden_size", "66", "hidden_size 66 is not a multiple of num_attention_heads 4")]
    [InlineData("num_attention_heads", "0", "num_attention_heads must be at least 1")]
    [InlineData("num_key_value_heads", "0", "num_key_value_heads must be at least 1")]
    [InlineData("num_key_value_heads", "3", "num_attention_heads 4 is not a multiple of num_key_value_heads 3")]
    [InlineData("num_hidden_layers", "0", "num_hidden_layers must be at least 1")]
    [InlineData("vocab_size", "2000", "image_token_id 2012")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings must be true or false, but is 1")]
    [InlineData("rms_norm_eps", "\"small\"", "rms_norm_eps must be a number")]
    [InlineData("rope_scaling", null, "lacks rope_scaling")]
    [InlineData("rope_scaling", "3", "rope_scaling must be an object")]
    [InlineData("rope_scaling", "{}", "rope_scaling lacks mrope_section")]
    [InlineData("rope_scaling", "{\"mrope_section\":[2,3,4]}", "mrope_section [2, 3, 4] does not give the 8 frequencies")]
    [InlineData("rope_scaling", "{\"mrope_section\":[-2,5,5]}", "mrope_section [-2, 5, 5]")]
    [InlineData("rope_scaling", "{\"mrope_section\":[2147483647,2147483647,10]}", "mrope_section")]
    [InlineData("rope_scaling", "{\"mrope_section\":[2,3,\"3\"]}", "mrope_section must be a list of whole numbers")]
    [InlineData("vision_config", null, "lacks vision_config")]
    [InlineData("vision_config", "{\"out_hidden_size\":32}", "out_hidden_size 32 is not hidden_size 64")]
    [InlineData("vision_config", "{\"out_hidden_size\":64,\"num_heads\":0}", "num_heads must be at least 1")]
    [InlineData("vision_config", "{\"out_hidden_size\":64,\"hidden_size\":30,\"num_heads\":2}", "hidden_size 30 is not a multiple of 4 times num_heads 2")]
    [InlineData("vision_config", "{\"out_hidden_size\":64,\"window_size\":27}", "window_size 27 is smaller than")]
    public void WhatTheLanguageModelCanNotBe(string field, string? value, string why)
    {
        Change("Nexus-GenV2/config.json", field, value);
        Refused(() => LanguageModelConfiguration.Read(_folder["config.json"]), why);
    }

    [Theory]
    [InlineData("", "can't be read")]
    [InlineData("{\"hidden_size\":", "can't be read")]
    [InlineData("[1]", "is not a JSON object")]
    public void ABrokenFile(string text, string why)
    {
        File.WriteAllText(_folder["config.json"], text);
        Refused(() => LanguageModelConfiguration.Read(_folder["config.json"]), why);
    }

    [Fact]
    public void AMissingFile() => Refused(() => LanguageModelConfiguration.Read(_folder["config.json"]), "can't be read");

    [Theory]
    [InlineData("FLUX/FLUX.1-dev/text_encoder/config.json", "num_attention_heads", "0", "num_attention_heads must be at least 1")]
    [InlineData("FLUX/FLUX.1-dev/text_encoder/config.json", "hidden_size", null, "lacks hidden_size")]
    [InlineData("FLUX/FLUX.1-dev/text_encoder_2/config.json", "d_kv", "0", "d_kv must be at least 1")]
    [InlineData("FLUX/FLUX.1-dev/text_encoder_2/config.json", "num_heads", "true", "num_heads must be a whole number, but is true")]
    public void WhatATextEncoderCanNotBe(string file, string field, string? value, string why)
    {
        Change(file, field, value);
        Refused(() => _ = file.Contains("text_encoder_2", StringComparison.Ordinal) ? (object)T5Configuration.Read(_folder.Path) : ClipConfiguration.Read(_folder.Path), why);
    }

    private void Change(string file, string field, string? value)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(LoadedModel.Folder, file)))!.AsObject();
        json.Remove(field);
        if (value is not null)
        {
            json[field] = JsonNode.Parse(value);
        }

        File.WriteAllText(_folder["config.json"], json.ToJsonString());
    }

    private void Refused(Action action, string why)
    {
        string message = Assert.Throws<NexusGenException>(action).Message;
        Assert.StartsWith(_folder["config.json"], message);
        Assert.Contains(why, message);
        Assert.DoesNotContain('\n', message);
    }
}
