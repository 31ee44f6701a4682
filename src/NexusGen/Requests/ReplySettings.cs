using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>
/// The settings that a reply is generated with. null selects the model's default (<c>generation_config.json</c>).
/// </summary>
public sealed record ReplySettings
{
    /// <summary>
    /// Gets the largest number of tokens of the reply. The tokens of generated images count, but an image that was begun is
    /// always finished.
    /// </summary>
    public int MaxNewTokens { get; init; } = 1024;

    /// <summary>Gets the sampling temperature; 0 always takes the most likely token.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the number of most likely tokens that are sampled from; 0 for all.</summary>
    public int? TopK { get; init; }

    /// <summary>
    /// Gets the probability that the most likely tokens have to reach together; only these are sampled from. 1 for all.
    /// </summary>
    public double? TopP { get; init; }

    /// <summary>Gets the factor by which tokens that occur in the prompt or the reply are penalized; 1 for none.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Gets the seed of the sampling.</summary>
    public ulong Seed { get; init; }

    /// <summary>Gets the texts that end the reply when they appear.</summary>
    public IReadOnlyList<string> StopSequences { get; init; } = [];

    /// <summary>Gets whether the reply begins with an image, regardless of what the model would generate.</summary>
    public bool ForceImage { get; init; }

    /// <summary>Gets whether the reply is text alone: the model can't begin an image.</summary>
    public bool TextOnly { get; init; }

    /// <summary>
    /// Gets how positions continue after a generated image, or null for the model's default (<c>nexus-gen.json</c>).
    /// </summary>
    public PositionMode? Positions { get; init; }

    /// <summary>
    /// Gets the adapters (PEFT) of the language model and the vision encoder, with their strengths; none by default. They change
    /// how this request is read and answered, not how its images are decoded (<see cref="ImageSettings.Loras"/>).
    /// </summary>
    public IReadOnlyList<LoraSettings> Loras { get; init; } = [];
}
