using NexusGen.Core;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>The sizes of the T5 encoder (<c>text_encoder_2/config.json</c>).</summary>
internal sealed record T5Configuration
{
    /// <summary>Gets the sizes of T5 v1.1 XXL, which FLUX uses.</summary>
    public static T5Configuration Xxl { get; } = new();

    /// <summary>Gets the width of a hidden state.</summary>
    public int DModel { get; init; } = 4096;

    /// <summary>Gets the width of a head.</summary>
    public int DKv { get; init; } = 64;

    /// <summary>Gets the inner width of the feed-forward layers.</summary>
    public int DFf { get; init; } = 10240;

    /// <summary>Gets the number of attention heads.</summary>
    public int NumHeads { get; init; } = 64;

    /// <summary>Gets the number of layers.</summary>
    public int NumLayers { get; init; } = 24;

    /// <summary>Gets the number of buckets of relative distances. Each bucket has its own bias.</summary>
    public int RelativeAttentionNumBuckets { get; init; } = 32;

    /// <summary>Gets the distance from which all distances are in the same bucket.</summary>
    public int RelativeAttentionMaxDistance { get; init; } = 128;

    /// <summary>Gets the ε of the norms.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>Gets the size of the vocabulary.</summary>
    public int VocabSize { get; init; } = 32128;

    /// <summary>Validates the buckets of relative distances.</summary>
    /// <exception cref="NexusGenException">The values are invalid; the message names them.</exception>
    public T5Configuration Checked()
    {
        if (RelativeAttentionNumBuckets < 4)
        {
            throw new NexusGenException(
                $"T5: relative_attention_num_buckets {RelativeAttentionNumBuckets} must be at least 4: "
                + "near and far, for both directions.");
        }

        return RelativeAttentionMaxDistance > RelativeAttentionNumBuckets / 4
            ? this
            : throw new NexusGenException(
                $"T5: relative_attention_max_distance {RelativeAttentionMaxDistance} must be more than the "
                + $"{RelativeAttentionNumBuckets / 4} near distances of relative_attention_num_buckets "
                + $"{RelativeAttentionNumBuckets}.");
    }

    /// <summary>Reads the <c>config.json</c> of a folder, or returns the sizes of FLUX if there is none.</summary>
    /// <param name="folder">The folder of the encoder.</param>
    /// <exception cref="NexusGenException">
    /// The file can't be read, a value has another type, or the kind of feed-forward layers isn't supported.
    /// </exception>
    public static T5Configuration Read(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            return Xxl;
        }

        JsonFields json = JsonFields.Open(path);
        json.Check("feed_forward_proj", "gated-gelu");
        return new T5Configuration
        {
            DModel = json.Count("d_model"),
            DKv = json.Count("d_kv"),
            DFf = json.Count("d_ff"),
            NumHeads = json.Count("num_heads"),
            NumLayers = json.Count("num_layers"),
            RelativeAttentionNumBuckets = json.Count("relative_attention_num_buckets", 32),
            RelativeAttentionMaxDistance = json.Count("relative_attention_max_distance", 128),
            LayerNormEpsilon = json.Real("layer_norm_epsilon", 1e-6),
            VocabSize = json.Count("vocab_size"),
        };
    }
}
