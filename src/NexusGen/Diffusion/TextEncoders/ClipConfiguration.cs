using NexusGen.Core;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>The sizes of the CLIP text encoder (<c>text_encoder/config.json</c>).</summary>
internal sealed record ClipConfiguration
{
    /// <summary>Gets the sizes of CLIP ViT-L/14, which FLUX uses.</summary>
    public static ClipConfiguration LargePatch14 { get; } = new();

    /// <summary>Gets the width of a hidden state and of the pooled embedding.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Gets the inner width of the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Gets the number of attention heads.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Gets the number of layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Gets the number of tokens of a padded text.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary>Gets the ε of the norms.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Gets the size of the vocabulary.</summary>
    public int VocabSize { get; init; } = 49408;

    /// <summary>Validates the sizes.</summary>
    /// <exception cref="NexusGenException">The sizes are inconsistent; the message names the values.</exception>
    public ClipConfiguration Checked() =>
        NumAttentionHeads > 0 && HiddenSize > 0 && HiddenSize % NumAttentionHeads == 0
            ? this
            : throw new NexusGenException(
                $"CLIP: hidden_size {HiddenSize} is not a multiple of num_attention_heads {NumAttentionHeads}.");

    /// <summary>Reads the <c>config.json</c> of a folder, or returns the sizes of FLUX if there is none.</summary>
    /// <param name="folder">The folder of the encoder.</param>
    /// <exception cref="NexusGenException">
    /// The file can't be read, a value has another type, or the activation isn't supported.
    /// </exception>
    public static ClipConfiguration Read(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            return LargePatch14;
        }

        JsonFields json = JsonFields.Open(path);
        json.Check("hidden_act", "quick_gelu");
        return new ClipConfiguration
        {
            HiddenSize = json.Count("hidden_size"),
            IntermediateSize = json.Count("intermediate_size"),
            NumAttentionHeads = json.Count("num_attention_heads"),
            NumHiddenLayers = json.Count("num_hidden_layers"),
            MaxPositionEmbeddings = json.Count("max_position_embeddings", 77),
            LayerNormEps = json.Real("layer_norm_eps", 1e-5),
            VocabSize = json.Count("vocab_size"),
        };
    }
}
