namespace NexusGen.Server.Storage;

/// <summary>Patterns of SQL's LIKE, with the escape character <c>\\</c>.</summary>
internal static class LikePattern
{
    /// <summary>Returns the pattern of texts that contain a word. Its special characters are searched literally.</summary>
    public static string Contains(string word)
    {
        string escaped = word
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return $"%{escaped}%";
    }
}
