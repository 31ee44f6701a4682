using System.Text.Json;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Text;

namespace NexusGen.Conversion;

/// <summary>
/// What llama.cpp's pair of files says about a Qwen2.5-VL beside its tensors: sizes, tokenizer, chat template. The keys are those
/// of <c>convert_hf_to_gguf.py</c>.
/// </summary>
internal sealed class LlamaMetadata
{
    /// <summary>The name of the file with the sizes.</summary>
    public const string Configuration = "config.json";

    private const int Normal = 1, Control = 3, UserDefined = 4, Unused = 5;

    private readonly string _folder;
    private readonly LanguageModelConfiguration _sizes;

    private LlamaMetadata(string folder, LanguageModelConfiguration sizes) => (_folder, _sizes) = (folder, sizes);

    /// <summary>Reads the configuration of a language model.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and the tokenizer.</param>
    /// <exception cref="NexusGenException">A file is missing or invalid.</exception>
    public static LlamaMetadata Read(string folder) =>
        new(folder, LanguageModelConfiguration.Read(Path.Combine(folder, Configuration)));

    /// <summary>Makes the metadata of the language model.</summary>
    /// <param name="fileType">llama.cpp's number of the file type.</param>
    /// <param name="rows">The number of rows of the embedding table.</param>
    public IReadOnlyDictionary<string, object> Text(uint fileType, int rows)
    {
        var tokenizer = QwenTokenizer.Load(_folder);
        int[] ids = [.. Enumerable.Range(0, Math.Max(rows, tokenizer.VocabularySize))];
        string?[] tokens = [.. ids.Select(id => id < tokenizer.Tokens.Count ? tokenizer.Tokens[id] : null)];
        JsonFields config = LanguageModelConfiguration.TextFields(Path.Combine(_folder, Configuration));
        OrderedDictionary<string, object> metadata = General("qwen2vl", "model", fileType);
        metadata["qwen2vl.block_count"] = (uint)_sizes.NumHiddenLayers;
        metadata["qwen2vl.context_length"] = (uint)_sizes.MaxPositionEmbeddings;
        metadata["qwen2vl.embedding_length"] = (uint)_sizes.HiddenSize;
        metadata["qwen2vl.feed_forward_length"] = (uint)_sizes.IntermediateSize;
        metadata["qwen2vl.attention.head_count"] = (uint)_sizes.NumAttentionHeads;
        metadata["qwen2vl.attention.head_count_kv"] = (uint)_sizes.NumKeyValueHeads;
        metadata["qwen2vl.rope.dimension_sections"] = (int[])[.. _sizes.MropeSection.Select(section => (int)section), 0];
        metadata["qwen2vl.rope.freq_base"] = (float)_sizes.RopeTheta;
        metadata["qwen2vl.attention.layer_norm_rms_epsilon"] = (float)_sizes.RmsNormEps;
        metadata["tokenizer.ggml.model"] = "gpt2";
        metadata["tokenizer.ggml.pre"] = "qwen2";
        metadata["tokenizer.ggml.tokens"] = (string[])[.. ids.Select(id => tokens[id] ?? $"[PAD{id}]")];
        metadata["tokenizer.ggml.token_type"] = (int[])[.. ids.Select(id => tokens[id] is null ? Unused
            : tokenizer.IsSpecial(id) || (tokenizer.IsAdded(id) && LooksSpecial(tokens[id]!)) ? Control
            : tokenizer.IsAdded(id) ? UserDefined
            : Normal)];
        metadata["tokenizer.ggml.merges"] = (string[])[.. QwenTokenizerLoader.Merges(_folder)];
        metadata["tokenizer.ggml.eos_token_id"] = (uint)config.Size("eos_token_id", tokenizer.TokenId("<|im_end|>"));
        metadata["tokenizer.ggml.padding_token_id"] = (uint)config.Size("bos_token_id", tokenizer.TokenId("<|endoftext|>"));
        metadata["tokenizer.ggml.bos_token_id"] = (uint)config.Size("bos_token_id", tokenizer.TokenId("<|endoftext|>"));
        metadata["tokenizer.ggml.add_bos_token"] = false;
        if (ChatTemplateText() is { } template)
        {
            metadata["tokenizer.chat_template"] = template;
        }

        return metadata;
    }

    /// <summary>Makes the metadata of the vision encoder.</summary>
    /// <param name="fileType">llama.cpp's number of the file type.</param>
    public IReadOnlyDictionary<string, object> Vision(uint fileType)
    {
        VisionConfiguration vision = _sizes.Vision;
        var images = ImageProcessorConfig.Load(_folder);
        OrderedDictionary<string, object> metadata = General("clip", "mmproj", fileType);
        metadata["clip.has_vision_encoder"] = true;
        metadata["clip.vision.projection_dim"] = (uint)vision.OutHiddenSize;
        metadata["clip.vision.image_size"] = 560u;
        metadata["clip.vision.patch_size"] = (uint)vision.PatchSize;
        metadata["clip.vision.embedding_length"] = (uint)vision.HiddenSize;
        metadata["clip.vision.feed_forward_length"] = (uint)vision.IntermediateSize;
        metadata["clip.vision.block_count"] = (uint)vision.Depth;
        metadata["clip.vision.attention.head_count"] = (uint)vision.NumHeads;
        metadata["clip.vision.image_mean"] = (float[])[.. images.ImageMean.Select(mean => (float)mean)];
        metadata["clip.vision.image_std"] = (float[])[.. images.ImageStd.Select(deviation => (float)deviation)];
        metadata["clip.projector_type"] = "qwen2.5vl_merger";
        metadata["clip.use_silu"] = true;
        if (Pattern(vision) is { } pattern)
        {
            metadata["clip.vision.n_wa_pattern"] = (uint)pattern;
        }

        metadata["clip.vision.attention.layer_norm_epsilon"] = 1e-6f;
        return metadata;
    }

    private static OrderedDictionary<string, object> General(string architecture, string type, uint fileType) => new()
    {
        ["general.architecture"] = architecture,
        ["general.type"] = type,
        ["general.file_type"] = fileType,
        ["general.quantization_version"] = 2u,
    };

    // llama.cpp counts added tokens of this form as special ones, whatever the tokenizer says.
    private static bool LooksSpecial(string token) =>
        token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal);

    // llama.cpp knows full attention in the blocks n − 1, 2n − 1, …; this library reads config.json instead.
    private static int? Pattern(VisionConfiguration vision)
    {
        int n = vision.FullattBlockIndexes.Count == 0 ? 0 : vision.FullattBlockIndexes[0] + 1;
        return n > 0 && vision.FullattBlockIndexes.Order()
            .SequenceEqual(Enumerable.Range(1, vision.Depth / n).Select(i => (i * n) - 1))
                ? n
                : null;
    }

    private string? ChatTemplateText()
    {
        string jinja = Path.Combine(_folder, "chat_template.jinja");
        if (File.Exists(jinja))
        {
            return TextFile.Read(jinja);
        }

        foreach (string name in (string[])["chat_template.json", "tokenizer_config.json"])
        {
            string path = Path.Combine(_folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            using JsonDocument document = JsonDocument.Parse(TextFile.ReadUtf8(path));
            if (document.RootElement.TryGetProperty("chat_template", out JsonElement template)
                && template.ValueKind == JsonValueKind.String)
            {
                return template.GetString();
            }
        }

        return null;
    }
}
