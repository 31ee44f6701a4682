using NexusGen.Lora;
using NexusGen.Training.Configuration;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The configuration of phase 2: a decoder is trained to generate images from embeddings (section 4 of the paper).
/// </summary>
internal sealed record DecoderTrainingConfiguration : AdaptableTrainingConfiguration
{
    /// <summary>
    /// The width of the generated images, for data that consists of images instead of latents; null for that of the model's
    /// images. Other images are scaled to cover the size and cropped.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>The height of the generated images, as width.</summary>
    public int? Height { get; init; }

    /// <summary>Whether each image has its own timestep; officially, all images of a batch share one.</summary>
    public bool TimestepPerSample { get; init; }

    /// <summary>
    /// The fraction of samples whose timestep is one of the noisiest, with the weight 1 in the loss. The timesteps of the others
    /// are sampled from all. Officially 0.
    /// </summary>
    public double NoisiestShare { get; init; }

    /// <summary>The number of noisiest timesteps, of 1,000, for <see cref="NoisiestShare"/>.</summary>
    public int NoisiestTimesteps { get; init; } = 20;

    /// <summary>
    /// Whether all timesteps have the weight 1 in the loss; officially, the weights are a bell curve that is 0 at pure noise.
    /// </summary>
    public bool EqualTimestepWeights { get; init; }

    /// <summary>
    /// The fraction of batches that are trained with the empty prompt instead of embeddings, which classifier-free guidance
    /// needs; officially 0, because FLUX already understands prompts.
    /// </summary>
    public double ConditionDropout { get; init; }

    /// <summary>
    /// Whether the editing decoder's merger starts with the weights of the language model's first layers, as officially. Requires
    /// from_nothing.
    /// </summary>
    public bool MergerFromLanguageModel { get; init; } = true;

    /// <summary>
    /// Whether the transformer starts with the weights of FLUX.1-dev (<c>FLUX/FLUX.1-dev/flux1-dev.safetensors</c>), as
    /// officially; only adapter or merger then start from random weights. Requires from_nothing.
    /// </summary>
    public bool TransformerFromFlux { get; init; }

    /// <summary>
    /// Whether the editing decoder's transformer starts with the weights of the generation decoder's, which can already generate
    /// images. Requires from_nothing.
    /// </summary>
    public bool TransformerFromGenerationDecoder { get; init; }

    /// <inheritdoc/>
    internal override IReadOnlyList<LoraForm> LoraForms => [LoraForm.Diffsynth, LoraForm.Diffusers, LoraForm.Kohya];

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(
            TransformerFromFlux && TransformerFromGenerationDecoder,
            "transformer_from_flux and transformer_from_generation_decoder can't both be true"),
        .. Rule(!(NoisiestShare is >= 0 and <= 1), "noisiest_share must be between 0 and 1"),
        .. Rule(NoisiestTimesteps is < 1 or > 1000, "noisiest_timesteps must be between 1 and 1000"),
        .. Rule(!(ConditionDropout is >= 0 and <= 1), "condition_dropout must be between 0 and 1"),
    ];
}
