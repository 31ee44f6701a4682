using NexusGen.Hub.Core;

namespace NexusGen.Hub;

/// <summary>What is fetched, and where to.</summary>
public sealed record PullRequest
{
    /// <summary>Gets the hub.</summary>
    public HubSite Site { get; init; } = HubSite.HuggingFace;

    /// <summary>Gets the repository.</summary>
    public required HubRepository Repository { get; init; }

    /// <summary>Gets the folder that receives the files under their names in the repository.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Gets patterns of files to fetch, such as <c>*.safetensors</c> or <c>text_encoder/*</c>; empty for all. <c>*</c> stands for
    /// any characters, slashes included, and <c>?</c> for one.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Gets patterns of files to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>
    /// Gets whether the files are removed again soon. They are fetched into their places and not into a cache; what a
    /// cache has is taken from it.
    /// </summary>
    internal bool IsTemporary { get; init; }

    /// <summary>Returns the requests of the official model: Nexus-GenV2, and the parts of FLUX.1-dev that it needs.</summary>
    /// <param name="site">The hub.</param>
    /// <param name="folder">The folder of the model, as <c>--model</c> names it.</param>
    public static IReadOnlyList<PullRequest> Official(HubSite site, string folder) =>
    [
        new()
        {
            Site = site,
            Repository = HubRepository.Parse(
                site == HubSite.HuggingFace ? "modelscope/Nexus-GenV2" : "DiffSynth-Studio/Nexus-GenV2"),
            Folder = Path.Combine(folder, "Nexus-GenV2"),
            Exclude = [".gitattributes", "assets/*"],
        },
        new()
        {
            Site = site,
            Repository = HubRepository.Parse(
                site == HubSite.HuggingFace ? "black-forest-labs/FLUX.1-dev" : "AI-ModelScope/FLUX.1-dev"),
            Folder = Path.Combine(folder, "FLUX", "FLUX.1-dev"),
            Include = ["ae.safetensors", "text_encoder/*", "text_encoder_2/*", "tokenizer/*", "tokenizer_2/*"],
        },
    ];
}
