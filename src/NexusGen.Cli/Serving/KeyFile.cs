using NexusGen.Core;

namespace NexusGen.Cli.Serving;

/// <summary>The keys that a server asks for.</summary>
internal static class KeyFile
{
    /// <summary>The environment variable that may hold them.</summary>
    public const string Variable = "NEXUSGEN_API_KEYS";

    /// <summary>Reads keys: of a file, one a line, empty lines and those that begin with # left out; else of the variable's value.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="value">The variable's value; null for none.</param>
    /// <exception cref="NexusGenException">The file can't be read or holds no key.</exception>
    public static string[] Read(string? path, string? value)
    {
        if (path is null)
        {
            return value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        }

        try
        {
            string[] keys = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
            return keys.Length > 0 ? keys : throw new NexusGenException($"The file {path} holds no key: write one a line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"The file of keys {path} can't be read: {e.Message}", e);
        }
    }
}
