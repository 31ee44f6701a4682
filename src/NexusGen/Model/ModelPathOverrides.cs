namespace NexusGen.Model;

/// <summary>Parts of a model that lie outside its folder, as the options of the official scripts name them.</summary>
public sealed record ModelPathOverrides
{
    /// <summary>The folder of the language model (<c>--ckpt-path</c>).</summary>
    public string? LanguageModel { get; init; }

    /// <summary>The file of the generation decoder (<c>--generation-decoder-path</c>).</summary>
    public string? GenerationDecoder { get; init; }

    /// <summary>The file of the editing decoder (<c>--editing-decoder-path</c>).</summary>
    public string? EditingDecoder { get; init; }

    /// <summary>The folder above <c>FLUX/FLUX.1-dev</c>, or that folder (<c>--flux-path</c>).</summary>
    public string? Flux { get; init; }
}
