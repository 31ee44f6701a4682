namespace NexusGen.Weights.Stores;

/// <summary>What weights are, as far as the names of their tensors and the architecture of a GGUF file tell.</summary>
internal enum WeightContent
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,

    /// <summary>A FLUX transformer with the names of black-forest-labs.</summary>
    FluxTransformer,

    /// <summary>A FLUX transformer with the names of diffusers.</summary>
    DiffusersTransformer,

    /// <summary>A decoder: a FLUX transformer with the adapter or the merger.</summary>
    Decoder,

    /// <summary>A language model.</summary>
    LanguageModel,

    /// <summary>The language model of a pair of files of llama.cpp.</summary>
    LlamaText,

    /// <summary>The vision encoder of a pair of files of llama.cpp (mmproj).</summary>
    LlamaVision,

    /// <summary>A T5 encoder.</summary>
    T5,

    /// <summary>A CLIP text encoder.</summary>
    Clip,

    /// <summary>An autoencoder.</summary>
    Autoencoder,
}
