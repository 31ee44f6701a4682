using Microsoft.Extensions.AI;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Names of additional properties that the clients understand, in <see cref="ChatOptions.AdditionalProperties"/> and
/// <see cref="ImageGenerationOptions.AdditionalProperties"/>. Others are left alone. Of <see cref="ChatOptions"/> itself temperature,
/// top-p, top-k, seed, output tokens, stop sequences, instructions and model id are used; penalties of frequency and presence,
/// tools, response formats and reasoning have no counterpart in the model and are ignored.
/// </summary>
public static class NexusGenProperties
{
    /// <summary>A number: tokens that stand in prompt or reply become less likely by this factor.</summary>
    public const string RepetitionPenalty = "repetition_penalty";

    /// <summary>A whole number: denoising steps of a picture.</summary>
    public const string Steps = "steps";

    /// <summary>A number: classifier-free guidance.</summary>
    public const string CfgScale = "cfg_scale";

    /// <summary>A number: the guidance that FLUX was distilled with.</summary>
    public const string EmbeddedGuidance = "embedded_guidance";

    /// <summary>A text: what a picture should not show.</summary>
    public const string NegativePrompt = "negative_prompt";

    /// <summary>A whole number: a picture's width in pixels.</summary>
    public const string Width = "width";

    /// <summary>A whole number: a picture's height in pixels.</summary>
    public const string Height = "height";

    /// <summary>A whole number: seed of a picture's first noise; of several pictures the others follow it.</summary>
    public const string Seed = "seed";

    /// <summary>A whole number: in streams, a preview after every so many denoising steps, as an update's raw representation.</summary>
    public const string PreviewEvery = "preview_every";

    /// <summary>Of a conversation, true or false: whether this turn is shown the last picture that was drawn.</summary>
    public const string SelectLastPicture = "select_last_picture";

    /// <summary>An <see cref="IProgress{T}"/> of <see cref="ProgressReport"/>: is told how far it is.</summary>
    public const string Progress = "progress";
}
