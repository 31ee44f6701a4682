using NexusGen.Core;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>Sizes of T5's encoder (<c>text_encoder_2/config.json</c>).</summary>
public sealed record T5Configuration
{
    /// <summary>T5 v1.1 XXL's, which FLUX uses.</summary>
    public static T5Configuration Xxl { get; } = new();

    /// <summary>Width of a token's state.</summary>
    public int DModel { get; init; } = 4096;

    /// <summary>Width of a head.</summary>
    public int DKv { get; init; } = 64;

    /// <summary>Width inside the feed-forward layers.</summary>
    public int DFf { get; init; } = 10240;

    /// <summary>Attention heads.</summary>
    public int NumHeads { get; init; } = 64;

    /// <summary>Layers.</summary>
    public int NumLayers { get; init; } = 24;

    /// <summary>Kinds of distances that have a bias of their own.</summary>
    public int RelativeAttentionNumBuckets { get; init; } = 32;

    /// <summary>The distance from which on all are of one kind.</summary>
    public int RelativeAttentionMaxDistance { get; init; } = 128;

    /// <summary>ε of the norms.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>Size of the vocabulary.</summary>
    public int VocabSize { get; init; } = 32128;

    /// <summary>Checks that the sizes can be.</summary>
    /// <exception cref="NexusGenException">They can't; the values are named.</exception>
    public T5Configuration Checked()
    {
        if (RelativeAttentionNumBuckets < 4)
        {
            throw new NexusGenException(
                $"T5: relative_attention_num_buckets {RelativeAttentionNumBuckets} must be at least 4: near and far, for both directions.");
        }

        return RelativeAttentionMaxDistance > RelativeAttentionNumBuckets / 4
            ? this
            : throw new NexusGenException(
                $"T5: relative_attention_max_distance {RelativeAttentionMaxDistance} must be more than the {RelativeAttentionNumBuckets / 4} near "
                + $"distances of relative_attention_num_buckets {RelativeAttentionNumBuckets}.");
    }

    /// <summary>Reads a folder's <c>config.json</c>; FLUX's sizes where there is none.</summary>
    /// <param name="folder">The folder of the encoder.</param>
    /// <exception cref="NexusGenException">It can't be read, a value is of another kind, or the feed-forward layers another.</exception>
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
