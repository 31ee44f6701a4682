namespace NexusGen.Model;

/// <summary>The paths of components outside the model folder, named like the options of the official scripts.</summary>
public sealed record ModelPathOverrides
{
    /// <summary>
    /// Gets the folder of the language model, or the file of its weights, such as a GGUF file (<c>--ckpt-path</c>). Configuration
    /// and tokenizer are beside the file or else in the model folder.
    /// </summary>
    public string? LanguageModel { get; init; }

    /// <summary>
    /// Gets the file of the generation decoder (<c>--generation-decoder-path</c>). If it contains only a FLUX transformer, the
    /// adapter comes from the model folder.
    /// </summary>
    public string? GenerationDecoder { get; init; }

    /// <summary>
    /// Gets the file of the editing decoder (<c>--editing-decoder-path</c>). If it contains only a FLUX transformer, the merger
    /// comes from the model folder.
    /// </summary>
    public string? EditingDecoder { get; init; }

    /// <summary>Gets the parent folder of <c>FLUX/FLUX.1-dev</c>, or that folder itself (<c>--flux-path</c>).</summary>
    public string? Flux { get; init; }
}
