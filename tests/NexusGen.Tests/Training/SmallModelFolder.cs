using NexusGen.Text;

namespace NexusGen.Tests.Training;

/// <summary>A model folder with sizes and a vocabulary but no weights, for training from scratch.</summary>
internal static class SmallModelFolder
{
    public const string Configuration = """
        {
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
          "num_key_value_heads": 1, "vocab_size": 352,
          "max_position_embeddings": 2048, "rope_scaling": { "mrope_section": [2, 3, 3], "type": "default" },
          "rope_theta": 10000.0,
          "tie_word_embeddings": false, "vision_start_token_id": 329, "vision_end_token_id": 330, "image_token_id": 332,
          "vision_config": {
            "depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 32,
            "fullatt_block_indexes": [0], "spatial_merge_size": 2
          }
        }
        """;

    public const string Sizes = """
        {
          "image_tokens": 16, "embedding_norm": true,
          "grids": { "drawn": [1, 8, 8], "source": [1, 8, 8], "base": [1, 8, 8] },
          "flux": {
            "hidden_size": 32, "num_heads": 2, "depth": 1, "depth_single_blocks": 1, "axes_dim": [4, 6, 6],
            "context_in_dim": 24, "vec_in_dim": 8
          },
          "autoencoder": {
            "ch": 8, "ch_mult": [1, 1, 1, 2], "num_res_blocks": 1, "scale_factor": 1.0, "shift_factor": 0.0, "norm_groups": 4
          },
          "generation_decoder": { "in_channel": 32, "out_channel": 24, "text_ids": "grid" },
          "editing_decoder": { "num_layers": 1, "out_channel": 24, "expand_ratio": 2 },
          "defaults": {
            "generate": { "steps": 2, "cfg_scale": 1.5, "width": 112, "height": 112 },
            "edit": { "steps": 2, "width": 112, "height": 112 },
            "precision": "float32", "max_pixels": 12544
          }
        }
        """;

    /// <summary>Writes the files of the model to a folder.</summary>
    /// <param name="folder">The folder, which is created.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    public static string Write(string folder, int merge = 2)
    {
        string language = Path.Combine(folder, "Nexus-GenV2");
        BytePairTrainer.Write(["draw a red star", "here is the image", "user assistant system"], 320, language);
        File.WriteAllText(
            Path.Combine(language, "config.json"),
            Configuration.Replace(
                "\"spatial_merge_size\": 2", $"\"spatial_merge_size\": {merge}", StringComparison.Ordinal));
        File.WriteAllText(
            Path.Combine(language, "generation_config.json"),
            """{ "eos_token_id": [322, 320], "temperature": 1e-06, "repetition_penalty": 1.0 }""");
        string processor = File.ReadAllText(
            Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2", "preprocessor_config.json"));
        File.WriteAllText(
            Path.Combine(language, "preprocessor_config.json"),
            processor.Replace("\"merge_size\": 2", $"\"merge_size\": {merge}", StringComparison.Ordinal));
        File.WriteAllText(
            Path.Combine(folder, "nexus-gen.json"),
            Sizes.Replace("[1, 8, 8]", $"[1, {4 * merge}, {4 * merge}]", StringComparison.Ordinal));
        return folder;
    }
}
