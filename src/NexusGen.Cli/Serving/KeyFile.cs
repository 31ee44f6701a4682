using NexusGen.Core;

namespace NexusGen.Cli.Serving;

/// <summary>Reads the API keys that a server requires.</summary>
internal static class KeyFile
{
    /// <summary>The environment variable that may contain the keys.</summary>
    public const string Variable = "NEXUSGEN_API_KEYS";

    /// <summary>
    /// Reads the keys from a file, one per line, without empty lines and lines that begin with #. If there is no file, the keys
    /// come from the value of the environment variable.
    /// </summary>
    /// <param name="path">The file, or null for none.</param>
    /// <param name="value">The value of the variable, or null if it is not set.</param>
    /// <exception cref="NexusGenException">The file can't be read or contains no key.</exception>
    public static string[] Read(string? path, string? value)
    {
        if (path is null)
        {
            return value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        }

        try
        {
            string[] keys =
            [
                .. TextFile.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            ];
            return keys.Length > 0 ? keys : throw new NexusGenException($"{path} contains no API key; write one key per line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"Can't read the API keys in {path}: {e.Message}", e);
        }
    }
}
