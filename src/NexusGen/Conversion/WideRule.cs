using System.Collections.Immutable;

namespace NexusGen.Conversion;

/// <summary>A kind of tensor that a narrow type leaves in its wide type, and why.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Reason">Why.</param>
/// <param name="Applies">Whether a tensor, by its name in the model's files and its shape, is of the kind.</param>
internal sealed record WideRule(string Name, string Reason, Func<string, ImmutableArray<long>, bool> Applies)
{
    private const int Small = 1024;

    /// <summary>
    /// Gets the rules. The first that applies counts. They hold for all narrow types; the last one depends on the block.
    /// </summary>
    public static ImmutableArray<WideRule> All { get; } =
    [
        new("vectors", "norms and biases are small, and each of their values counts", (_, shape) => shape.Length <= 1),
        new("small", "with so few values nothing is saved", (_, shape) => Count(shape) <= Small),
        new("convolutions", "they are no matrices, and see the pixels themselves", (_, shape) => shape.Length > 2),
        new("embeddings", "tables are looked up and not multiplied", Is("embed_tokens.", "shared.", "position_embedding",
            "token_embedding", "image_prefill_embeds", "relative_attention_bias", "token_embd.")),
        new("heads", "they choose tokens by small differences, and make the embeddings of images",
            Is("lm_head.", "vision_head.", "output.weight")),
        new("adapter", "adapter and merger are small, and make the condition of the whole image",
            StartsWith("adapter.", "embedding_merger.")),
        new("FLUX's ends", "the first and last layers see latents, text and time themselves",
            Is("img_in.", "txt_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer.", "x_embedder.", "context_embedder.",
                "time_embedder.", "guidance_embedder.", "pooled_text_embedder.", "final_proj_out.", "final_norm_out.")),
    ];

    /// <summary>Finds the reason for which a narrow type leaves a tensor wide, or returns null.</summary>
    /// <param name="name">The name of the tensor in the model's files.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="encoding">The narrow type.</param>
    public static string? Find(string name, ImmutableArray<long> shape, TensorEncoding encoding) =>
        All.FirstOrDefault(rule => rule.Applies(name, shape))?.Name
        ?? (shape[^1] % encoding.Unit != 0 ? $"{shape[^1]} columns" : null);

    private static long Count(ImmutableArray<long> shape) => shape.Aggregate(1L, (product, side) => product * side);

    // A part of a name between dots: at its beginning or after one.
    private static Func<string, ImmutableArray<long>, bool> Is(params string[] parts) => (name, _) =>
        parts.Any(part => name.StartsWith(part, StringComparison.Ordinal)
            || name.Contains("." + part, StringComparison.Ordinal));

    private static Func<string, ImmutableArray<long>, bool> StartsWith(params string[] parts) => (name, _) =>
        parts.Any(part => name.StartsWith(part, StringComparison.Ordinal));
}
