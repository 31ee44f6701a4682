using Microsoft.Extensions.AI;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// The names of the additional properties that the clients support in <see cref="ChatOptions.AdditionalProperties"/> and
/// <see cref="ImageGenerationOptions.AdditionalProperties"/>. Other properties are ignored. Of <see cref="ChatOptions"/>, the
/// temperature, top-p, top-k, seed, maximum output tokens, stop sequences and instructions are used. Frequency and presence
/// penalties, tools, response formats and reasoning have no counterpart in the model and are ignored, and so is the model id.
/// </summary>
public static class NexusGenProperties
{
    /// <summary>A number: the factor by which tokens of the prompt or reply become less likely.</summary>
    public const string RepetitionPenalty = "repetition_penalty";

    /// <summary>An integer: the number of denoising steps of an image.</summary>
    public const string Steps = "steps";

    /// <summary>A number: the scale of classifier-free guidance.</summary>
    public const string CfgScale = "cfg_scale";

    /// <summary>A number: the guidance with which FLUX was distilled.</summary>
    public const string EmbeddedGuidance = "embedded_guidance";

    /// <summary>A string: what an image should not show.</summary>
    public const string NegativePrompt = "negative_prompt";

    /// <summary>An integer: the width of an image in pixels.</summary>
    public const string Width = "width";

    /// <summary>An integer: the height of an image in pixels.</summary>
    public const string Height = "height";

    /// <summary>
    /// An integer: the seed of the noise of the first image. Further images use the following seeds. If it is missing or −1, a
    /// random one is drawn. The last update of a chat has the seed of its text under this name, and an image's settings have its
    /// own.
    /// </summary>
    public const string Seed = "seed";

    /// <summary>
    /// An integer: the number of denoising steps between previews. In streams, a preview is the raw representation of an update.
    /// </summary>
    public const string PreviewEvery = "preview_every";

    /// <summary>
    /// A string: how an image of a size that the model does not generate is made: <c>contain</c>, <c>cover</c> or
    /// <c>exact</c>; see <see cref="SizeFit"/>.
    /// </summary>
    public const string Fit = "fit";

    /// <summary>
    /// A string, for conversations: <c>auto</c>, <c>draw</c>, <c>edit</c> or <c>ask</c>; see <see cref="ChatAction"/>.
    /// </summary>
    public const string Action = "action";

    /// <summary>
    /// A boolean, for conversations: whether this turn uses the last image of the conversation if it brings none; see
    /// <see cref="ChatInput.UseLastImage"/>.
    /// </summary>
    public const string SelectLastPicture = "select_last_picture";

    /// <summary>An <see cref="IProgress{T}"/> of <see cref="ProgressReport"/>: receives progress reports.</summary>
    public const string Progress = "progress";
}
