using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Scaled;
using NexusGen.Weights.Stores;

namespace NexusGen.Autoregressive;

/// <summary>
/// The names of the tensors of language model and vision encoder. Names inside this library, and in the files that it writes, are
/// those of the official checkpoints: <c>model.…</c>, <c>visual.…</c>, <c>lm_head.weight</c>, <c>vision_head.weight</c>,
/// <c>image_prefill_embeds.weight</c>. Files with the names of other versions of transformers, or of the wrappers of training
/// tools, are read as if they had the official ones.
/// </summary>
internal static class LanguageModelNames
{
    /// <summary>The prefix of the vision encoder.</summary>
    public const string Vision = "visual.";

    /// <summary>The weight of the text head, which a model with tied embeddings doesn't have.</summary>
    public const string TextHead = "lm_head.weight";

    // The first pair whose left side begins the name applies. transformers 4.52 moved both models into one (model.…); the
    // checkpoints of other vision-language models have the language model, with its head, in language_model.
    private static readonly (string Other, string Official)[] Prefixes =
    [
        ("model.language_model.", "model."),
        ("model.visual.", Vision),
        ("model.lm_head.", "lm_head."),
        ("model.vision_head.", "vision_head."),
        ("model.image_prefill_embeds.", "image_prefill_embeds."),
        ("language_model.model.", "model."),
        ("language_model.lm_head.", "lm_head."),
        ("language_model.", "model."),
    ];

    /// <summary>Opens a checkpoint under the official names.</summary>
    /// <param name="path">A path that <see cref="TensorStore.Open"/> accepts.</param>
    /// <param name="map">Whether the files may be mapped into memory; otherwise, they are read.</param>
    /// <exception cref="WeightFileException">
    /// The checkpoint can't be opened, or contains a tensor under several names.
    /// </exception>
    public static ITensorStore Open(string path, bool map = true) =>
        RenamedStore.Of(ScaledStore.Of(TensorStore.Open(path, map)), Official);

    /// <summary>Returns the official name of a tensor.</summary>
    /// <param name="name">The name in the file.</param>
    public static string Official(string name)
    {
        string bare = WrapperNames.Remove(name);
        foreach ((string other, string official) in Prefixes)
        {
            if (bare.StartsWith(other, StringComparison.Ordinal))
            {
                return official + bare[other.Length..];
            }
        }

        return bare;
    }
}
