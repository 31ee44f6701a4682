using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace NexusGen.Hub.Core;

/// <summary>A repository of a hub at a revision.</summary>
public sealed partial record HubRepository
{
    private HubRepository(string owner, string name, string? revision) => (Owner, Name, Revision) = (owner, name, revision);

    /// <summary>Gets the user or organization.</summary>
    public string Owner { get; }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the branch, tag or commit, or null for the default branch of the hub.</summary>
    public string? Revision { get; }

    /// <summary>Gets the id: owner and name.</summary>
    public string Id => $"{Owner}/{Name}";

    /// <summary>Parses a text like <c>org/name</c> or <c>org/name@revision</c>.</summary>
    /// <exception cref="HubException">The text is no repository.</exception>
    public static HubRepository Parse(string text) => TryParse(text, out HubRepository? repository)
        ? repository
        : throw new HubException($"\"{text}\" is no repository: write org/name, or org/name@revision.");

    /// <summary>Parses a text like <c>org/name</c> or <c>org/name@revision</c>.</summary>
    /// <returns>true if the text is a repository; otherwise, false.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubRepository? repository)
    {
        Match match = Form().Match(text);
        repository = match.Success && !text.Contains("..", StringComparison.Ordinal)
            ? new HubRepository(
                match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Success ? match.Groups[3].Value : null)
            : null;
        return repository is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Revision is null ? Id : $"{Id}@{Revision}";

    [GeneratedRegex(
        @"^([A-Za-z0-9][A-Za-z0-9._-]{0,95})/([A-Za-z0-9][A-Za-z0-9._-]{0,95})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{0,199}))?\z")]
    private static partial Regex Form();
}
