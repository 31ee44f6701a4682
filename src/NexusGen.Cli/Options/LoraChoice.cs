using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>The LoRA files of a command line, by what they change.</summary>
/// <param name="Reply">Those of the language model and the vision encoder.</param>
/// <param name="Images">Those of the decoders.</param>
/// <param name="Merged">Those of both that are added to the weights instead; the other lists are empty then.</param>
internal sealed record LoraChoice(
    IReadOnlyList<LoraSettings> Reply,
    IReadOnlyList<LoraSettings> Images,
    IReadOnlyList<LoraSettings> Merged);
