using NexusGen.Training.Configuration;

namespace NexusGen.Training.Decoders;

/// <summary>Phase 2: how a decoder is trained to paint what embeddings say (section 4 of the paper).</summary>
public sealed record DecoderTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>Width of the pictures, where they are given as pictures and not as latents.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Height of the pictures.</summary>
    public int Height { get; init; } = 512;

    /// <summary>Whether each picture has a timestep of its own; officially a batch has one.</summary>
    public bool TimestepPerSample { get; init; }

    /// <summary>
    /// Share of batches that are trained under the empty prompt instead of embeddings, so that classifier-free guidance means
    /// something; officially 0, for FLUX knows prompts already.
    /// </summary>
    public double ConditionDropout { get; init; }

    /// <summary>
    /// Whether the editing decoder's merger begins as the first layers of the language model, as officially. Only from nothing.
    /// </summary>
    public bool MergerFromLanguageModel { get; init; } = true;

    /// <summary>
    /// Whether the transformer begins as FLUX.1-dev (<c>FLUX/FLUX.1-dev/flux1-dev.safetensors</c>), as officially, and adapter or merger
    /// alone from nothing. Only from nothing.
    /// </summary>
    public bool TransformerFromFlux { get; init; }

    /// <summary>
    /// Whether the editing decoder's transformer begins as the generation decoder's, which can paint already. Only from nothing.
    /// </summary>
    public bool TransformerFromGenerationDecoder { get; init; }

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(TransformerFromFlux && TransformerFromGenerationDecoder, "transformer_from_flux and transformer_from_generation_decoder can't both be true"),
        .. Rule(!(ConditionDropout is >= 0 and <= 1), "condition_dropout must be between 0 and 1"),
    ];
}
