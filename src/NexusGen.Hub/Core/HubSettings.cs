namespace NexusGen.Hub.Core;

/// <summary>
/// Addresses, tokens and caches of the hubs. <see cref="FromEnvironment"/> reads the variables that the hubs' own tools read.
/// </summary>
public sealed record HubSettings
{
    /// <summary>Gets the address of the Hugging Face Hub or a mirror.</summary>
    public Uri HuggingFace { get; init; } = new("https://huggingface.co");

    /// <summary>Gets the address of ModelScope.</summary>
    public Uri ModelScope { get; init; } = new("https://www.modelscope.cn");

    /// <summary>Gets the token for the Hugging Face Hub, or null.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>Gets the token for ModelScope, or null.</summary>
    public string? ModelScopeToken { get; init; }

    /// <summary>Gets the folder of the cache that Hugging Face's tools share.</summary>
    public required string HuggingFaceCache { get; init; }

    /// <summary>Gets the folder of ModelScope's cache, from which files are taken that are there.</summary>
    public required string ModelScopeCache { get; init; }

    /// <summary>Gets whether no hub is asked, so that only files of the caches are found.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Gets the time without a byte after which a connection is given up and begun again.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets the pause before the second attempt, which doubles with each further one.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the number of attempts without progress after which a file is given up.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Reads the settings from the environment.</summary>
    /// <remarks>
    /// <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> (or the file <c>HF_TOKEN_PATH</c>, or <c>token</c> in <c>HF_HOME</c>),
    /// <c>HF_HUB_CACHE</c>, <c>HF_HOME</c>, <c>HF_HUB_OFFLINE</c>, <c>MODELSCOPE_DOMAIN</c>, <c>MODELSCOPE_API_TOKEN</c>,
    /// <c>MODELSCOPE_CACHE</c>.
    /// </remarks>
    /// <param name="variable">Returns a variable, or null for those of the process.</param>
    /// <exception cref="HubException">An address is none.</exception>
    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        string? Get(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string caches = Get("XDG_CACHE_HOME") ?? Path.Combine(profile, ".cache");
        string home = Expand(Get("HF_HOME") ?? Path.Combine(caches, "huggingface"), profile);
        var defaults = new HubSettings { HuggingFaceCache = "", ModelScopeCache = "" };
        return new HubSettings
        {
            HuggingFace = Address(Get("HF_ENDPOINT"), "HF_ENDPOINT") ?? defaults.HuggingFace,
            ModelScope = Address(Get("MODELSCOPE_DOMAIN"), "MODELSCOPE_DOMAIN") ?? defaults.ModelScope,
            HuggingFaceToken = Get("HF_TOKEN") ?? TokenIn(Expand(Get("HF_TOKEN_PATH") ?? Path.Combine(home, "token"), profile)),
            ModelScopeToken = Get("MODELSCOPE_API_TOKEN"),
            HuggingFaceCache = Expand(Get("HF_HUB_CACHE") ?? Path.Combine(home, "hub"), profile),
            ModelScopeCache = Expand(
                Get("MODELSCOPE_CACHE") ?? Path.Combine(profile, ".cache", "modelscope", "hub"), profile),
            IsOffline = Get("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON",
        };
    }

    private static Uri? Address(string? text, string name)
    {
        if (text is null)
        {
            return null;
        }

        string whole = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        return Uri.TryCreate(whole, UriKind.Absolute, out Uri? address) && address.Scheme is ("https" or "http")
            ? address
            : throw new HubException($"The environment variable {name} is \"{text}\", which is no address of a hub.");
    }

    private static string Expand(string path, string profile) =>
        Path.GetFullPath(path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? profile + path[1..] : path);

    private static string? TokenIn(string file)
    {
        try
        {
            return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
