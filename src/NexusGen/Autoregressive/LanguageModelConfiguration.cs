using NexusGen.Core;

namespace NexusGen.Autoregressive;

/// <summary>Sizes and special tokens of the language model (<c>config.json</c> of Qwen2.5-VL with Nexus-Gen's heads).</summary>
internal sealed record LanguageModelConfiguration
{
    /// <summary>The official configuration, of Nexus-Gen V2.</summary>
    public static LanguageModelConfiguration NexusGenV2 { get; } = new();

    /// <summary>The width of the hidden states.</summary>
    public int HiddenSize { get; init; } = 3584;

    /// <summary>The inner width of the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 18944;

    /// <summary>The number of layers.</summary>
    public int NumHiddenLayers { get; init; } = 28;

    /// <summary>The number of attention heads.</summary>
    public int NumAttentionHeads { get; init; } = 28;

    /// <summary>The number of key-value heads, each shared by several attention heads.</summary>
    public int NumKeyValueHeads { get; init; } = 4;

    /// <summary>The number of rows of the embedding table.</summary>
    public int VocabSize { get; init; } = 152064;

    /// <summary>The ε of RMSNorm.</summary>
    public double RmsNormEps { get; init; } = 1e-6;

    /// <summary>The base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 1_000_000;

    /// <summary>The numbers of rotary frequencies for time, row and column.</summary>
    public IReadOnlyList<int> MropeSection { get; init; } = [16, 24, 24];

    /// <summary>Whether the text head shares its weights with the embedding table.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>The largest length of a sequence, in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; } = 128000;

    /// <summary>The token at each position that has an image embedding.</summary>
    public int ImageTokenId { get; init; } = 151655;

    /// <summary>The token before an image.</summary>
    public int VisionStartTokenId { get; init; } = 151652;

    /// <summary>The token after an image.</summary>
    public int VisionEndTokenId { get; init; } = 151653;

    /// <summary>
    /// The number of image tokens with learned inputs (<c>image_prefill_embeds</c>): the tokens of a generated image.
    /// </summary>
    public int ImageTokens { get; init; } = 81;

    /// <summary>The configuration of the vision encoder.</summary>
    public VisionConfiguration Vision { get; init; } = VisionConfiguration.NexusGenV2;

    /// <summary>The width of an attention head.</summary>
    public int HeadWidth => HiddenSize / NumAttentionHeads;

    /// <summary>
    /// Reads <c>config.json</c>, as any version of transformers writes it: the values of the language model at the top, in
    /// <c>text_config</c>, or in both; those of the rotary embedding beside them, in <c>rope_scaling</c> or in
    /// <c>rope_parameters</c>. Missing values are those of transformers.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="imageTokens">The number of image tokens of a generated image, which the file does not contain.</param>
    /// <exception cref="NexusGenException">
    /// The file can't be read, or a value is missing, out of range or contradicted by another place.
    /// </exception>
    public static LanguageModelConfiguration Read(string path, int imageTokens = 81)
    {
        JsonFields json = TextFields(path);
        JsonFields rope = (json.ObjectIfThere("rope_scaling") is { } older
            ? older.With(json.ObjectIfThere("rope_parameters"))
            : json.ObjectIfThere("rope_parameters"))
            ?? json.Object("rope_scaling");
        JsonFields vision = json.Object("vision_config");
        int heads = json.Count("num_attention_heads");
        var configuration = new LanguageModelConfiguration
        {
            HiddenSize = json.Count("hidden_size"),
            IntermediateSize = json.Count("intermediate_size"),
            NumHiddenLayers = json.Count("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = json.Count("num_key_value_heads", json.Has("num_key_value_heads") ? heads : 8),
            VocabSize = json.Count("vocab_size", 152064),
            RmsNormEps = json.Real("rms_norm_eps", 1e-5),
            RopeTheta = rope.With(json).Real("rope_theta", 1_000_000),
            MropeSection = rope.Sizes("mrope_section"),
            TieWordEmbeddings = json.Flag("tie_word_embeddings", false),
            MaxPositionEmbeddings = json.Count("max_position_embeddings", 32768),
            ImageTokenId = json.Size("image_token_id", 151655),
            VisionStartTokenId = json.Size("vision_start_token_id", 151652),
            VisionEndTokenId = json.Size("vision_end_token_id", 151653),
            ImageTokens = imageTokens,
            Vision = VisionConfiguration.Read(vision),
        };
        json.Check("hidden_act", "silu");
        vision.Check("hidden_act", "silu");
        rope.Check("type", "default", "mrope");
        rope.Check("rope_type", "default", "mrope");
        rope.With(json).Check("partial_rotary_factor", 1);
        json.CheckAll("layer_types", "full_attention");
        if (json.Flag("use_sliding_window", false))
        {
            throw new NexusGenException($"{path}: use_sliding_window is true, but only whole attention can be computed here.");
        }

        configuration.Check(path);
        json.Check("head_dim", configuration.HeadWidth);
        return configuration;
    }

    /// <summary>
    /// Reads the side of the square of patches that are merged into one embedding, on which the grids of a model depend.
    /// </summary>
    /// <param name="path">The path of <c>config.json</c>.</param>
    /// <exception cref="NexusGenException">The file can't be read, or the value is invalid.</exception>
    internal static int ReadMergeSize(string path) => VisionConfiguration.Read(JsonFields.Open(path).Object("vision_config"))
        .SpatialMergeSize;

    /// <summary>Opens <c>config.json</c>: the fields of the language model, wherever they are, and those at the top.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="NexusGenException">The file can't be read.</exception>
    internal static JsonFields TextFields(string path)
    {
        JsonFields json = JsonFields.Open(path);
        return json.With(json.ObjectIfThere("text_config"));
    }

    private void Check(string path)
    {
        VisionConfiguration v = Vision;
        (string Name, int Value)[] sizes =
        [
            ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize), ("num_hidden_layers", NumHiddenLayers),
            ("num_attention_heads", NumAttentionHeads), ("num_key_value_heads", NumKeyValueHeads), ("vocab_size", VocabSize),
            ("max_position_embeddings", MaxPositionEmbeddings),
            ("image tokens of a drawn picture", ImageTokens),
            ("vision_config.depth", v.Depth), ("vision_config.hidden_size", v.HiddenSize),
            ("vision_config.intermediate_size", v.IntermediateSize), ("vision_config.num_heads", v.NumHeads),
            ("vision_config.in_channels", v.InChannels), ("vision_config.patch_size", v.PatchSize),
            ("vision_config.temporal_patch_size", v.TemporalPatchSize),
            ("vision_config.spatial_merge_size", v.SpatialMergeSize),
        ];
        (string Name, int Value)[] tokens =
        [
            ("image_token_id", ImageTokenId),
            ("vision_start_token_id", VisionStartTokenId),
            ("vision_end_token_id", VisionEndTokenId),
        ];
        string? wrong = sizes.FirstOrDefault(size => size.Value < 1) is { Name: { } small }
            ? $"{small} must be at least 1"
            : null;
        wrong ??= tokens.FirstOrDefault(token => token.Value < 0 || token.Value >= VocabSize) is { Name: { } beyond }
            ? $"{beyond} is not within the vocabulary of {VocabSize}"
            : null;
        wrong ??= this switch
        {
            { } c when c.HiddenSize % c.NumAttentionHeads != 0 =>
                $"hidden_size {HiddenSize} is not a multiple of num_attention_heads {NumAttentionHeads}",
            { } c when c.NumAttentionHeads % c.NumKeyValueHeads != 0 =>
                $"num_attention_heads {NumAttentionHeads} is not a multiple of num_key_value_heads {NumKeyValueHeads}",
            { } c when c.MropeSection.Count != 3
                || c.MropeSection.Any(count => count < 0)
                || c.MropeSection.Sum(count => 2L * count) != c.HeadWidth =>
                $"mrope_section [{string.Join(", ", MropeSection)}] does not give "
                + $"the {HeadWidth / 2} frequencies of a head to three axes",
            _ when v.OutHiddenSize != HiddenSize =>
                $"vision_config.out_hidden_size {v.OutHiddenSize} is not hidden_size {HiddenSize}",
            _ when v.HiddenSize % (4 * v.NumHeads) != 0 =>
                $"vision_config.hidden_size {v.HiddenSize} is not a multiple of 4 times num_heads {v.NumHeads}",
            _ when v.WindowSize < v.EmbeddingSide =>
                $"vision_config.window_size {v.WindowSize} is smaller than the {v.EmbeddingSide} pixels "
                + "of one embedding",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"{path}: {wrong}.");
        }
    }
}
