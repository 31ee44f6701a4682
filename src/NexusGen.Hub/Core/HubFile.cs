namespace NexusGen.Hub.Core;

/// <summary>A file of a repository, as the hub describes it.</summary>
internal sealed record HubFile
{
    /// <summary>Gets the path in the repository, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the length in bytes, or null if the hub doesn't tell.</summary>
    public long? Size { get; init; }

    /// <summary>Gets the checksum in lower-case hexadecimal: SHA-256 (64 digits), SHA-1 of git (40 digits), or null.</summary>
    public string? Checksum { get; init; }

    /// <summary>Gets the commit that the file belongs to, or null if the hub doesn't tell.</summary>
    public string? Commit { get; init; }

    /// <summary>Returns whether a path stays inside the folder that it is joined to, on every system.</summary>
    public static bool IsSafe(string path) =>
        path.Length is > 0 and <= 1000
        && !path.StartsWith('/')
        && path.IndexOfAny(['\\', ':', '*', '?', '"', '<', '>', '|']) < 0
        && !path.Any(char.IsControl)
        && path.Split('/').All(part =>
            part.Length > 0 && part is not ("." or "..") && !part.EndsWith('.') && part == part.Trim());

    /// <summary>Returns a checksum in its usual form, or null if the text is none.</summary>
    public static string? ReadChecksum(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string value = text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text;
        value = value.Trim('"').ToLowerInvariant();
        value = value.StartsWith("sha256:", StringComparison.Ordinal) ? value["sha256:".Length..] : value;
        return value.Length is 40 or 64 && value.All(char.IsAsciiHexDigit) ? value : null;
    }
}
