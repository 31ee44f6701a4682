using NexusGen.Core;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>Sizes of CLIP's text encoder (<c>text_encoder/config.json</c>).</summary>
public sealed record ClipConfiguration
{
    /// <summary>CLIP ViT-L/14's, which FLUX uses.</summary>
    public static ClipConfiguration LargePatch14 { get; } = new();

    /// <summary>Width of a token's state, and of the pooled embedding.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Width inside the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Attention heads.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Tokens of a text, padded.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary>ε of the norms.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Size of the vocabulary.</summary>
    public int VocabSize { get; init; } = 49408;

    /// <summary>Checks that the sizes fit one another.</summary>
    /// <exception cref="NexusGenException">They don't; the values are named.</exception>
    public ClipConfiguration Checked() =>
        NumAttentionHeads > 0 && HiddenSize > 0 && HiddenSize % NumAttentionHeads == 0
            ? this
            : throw new NexusGenException($"CLIP: hidden_size {HiddenSize} is not a multiple of num_attention_heads {NumAttentionHeads}.");

    /// <summary>Reads a folder's <c>config.json</c>; FLUX's sizes where there is none.</summary>
    /// <param name="folder">The folder of the encoder.</param>
    /// <exception cref="NexusGenException">It can't be read, a value is of another kind, or the activation another.</exception>
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
