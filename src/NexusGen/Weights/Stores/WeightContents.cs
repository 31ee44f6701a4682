namespace NexusGen.Weights.Stores;

/// <summary>Recognizes what weights are, so that a file in the wrong place gets a message that says where it belongs.</summary>
internal static class WeightContents
{
    private static readonly (string Start, WeightContent Content)[] Names =
    [
        ("pipe.dit.", WeightContent.Decoder),
        ("adapter.", WeightContent.Decoder),
        ("embedding_merger.", WeightContent.Decoder),
        ("double_blocks.", WeightContent.FluxTransformer),
        ("single_blocks.", WeightContent.FluxTransformer),
        ("single_transformer_blocks.", WeightContent.DiffusersTransformer),
        ("v.blk.", WeightContent.LlamaVision),
        ("token_embd.", WeightContent.LlamaText),
        ("model.layers.", WeightContent.LanguageModel),
        ("model.language_model.", WeightContent.LanguageModel),
        ("language_model.", WeightContent.LanguageModel),
        ("encoder.block.", WeightContent.T5),
        ("enc.blk.", WeightContent.T5),
        ("text_model.encoder.", WeightContent.Clip),
        ("decoder.conv_in.", WeightContent.Autoencoder),
    ];

    /// <summary>Recognizes weights.</summary>
    /// <param name="store">The weights.</param>
    public static WeightContent Of(ITensorStore store)
    {
        // What stands first in the list counts: a decoder contains a transformer.
        int best = Names.Length;
        foreach (string name in store.Entries.Keys)
        {
            string bare = WrapperNames.RemoveDiffusionModel(WrapperNames.Remove(name));
            for (int i = 0; i < best; i++)
            {
                best = bare.StartsWith(Names[i].Start, StringComparison.Ordinal) ? i : best;
            }
        }

        return best < Names.Length ? Names[best].Content : WeightContent.Unknown;
    }

    /// <summary>Refuses weights that belong elsewhere.</summary>
    /// <param name="store">The weights.</param>
    /// <param name="wanted">What is wanted, for the message, for example "the generation decoder".</param>
    /// <param name="fitting">What fits; unknown weights are left to the check of the names.</param>
    /// <exception cref="WeightException">The weights are something else.</exception>
    public static void Check(ITensorStore store, string wanted, params ReadOnlySpan<WeightContent> fitting)
    {
        WeightContent content = Of(store);
        if (content != WeightContent.Unknown && !fitting.Contains(content))
        {
            (string what, string where) = Describe(content);
            throw new WeightException($"{store.Location} is {what}, not {wanted}; {where}.");
        }
    }

    private static (string What, string Where) Describe(WeightContent content) => content switch
    {
        WeightContent.FluxTransformer => (
            "a FLUX transformer", "it belongs in --generation-decoder-path or --editing-decoder-path"),
        WeightContent.DiffusersTransformer => (
            "a FLUX transformer with the names of diffusers", "take the file with the names of black-forest-labs"),
        WeightContent.Decoder => (
            "a decoder of Nexus-Gen", "it belongs in --generation-decoder-path or --editing-decoder-path"),
        WeightContent.LanguageModel => ("a language model", "it belongs in the folder of --ckpt-path"),
        WeightContent.LlamaText => ("a language model in llama.cpp's form", "it belongs in --ckpt-path"),
        WeightContent.LlamaVision => (
            "the vision encoder of a language model in llama.cpp's form (mmproj)",
            "it belongs beside the file of the language model that --ckpt-path names"),
        WeightContent.T5 => ("a T5 text encoder", "it belongs in FLUX/FLUX.1-dev/text_encoder_2"),
        WeightContent.Clip => ("a CLIP text encoder", "it belongs in FLUX/FLUX.1-dev/text_encoder"),
        WeightContent.Autoencoder => ("an autoencoder", "it belongs at FLUX/FLUX.1-dev/ae.safetensors"),
        _ => ("something else", "take another file"),
    };
}
