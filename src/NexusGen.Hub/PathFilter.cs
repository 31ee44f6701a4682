using System.Text.RegularExpressions;

namespace NexusGen.Hub;

/// <summary>Chooses files by patterns.</summary>
internal static class PathFilter
{
    /// <summary>Returns whether a request wants a file.</summary>
    public static bool Wants(PullRequest request, string path) =>
        (request.Include.Count == 0 || request.Include.Any(pattern => Matches(pattern, path)))
        && !request.Exclude.Any(pattern => Matches(pattern, path));

    // A pattern that ends with a slash names a folder.
    private static bool Matches(string pattern, string path)
    {
        string whole = pattern.EndsWith('/') ? pattern + "*" : pattern;
        string expression = Regex.Escape(whole)
            .Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        const RegexOptions options = RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;
        return Regex.IsMatch(path, $"^{expression}$", options);
    }
}
