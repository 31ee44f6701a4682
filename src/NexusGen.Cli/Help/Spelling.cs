namespace NexusGen.Cli.Help;

/// <summary>Spellings: options as Python writes them, and the known word that was probably meant.</summary>
internal static class Spelling
{
    /// <summary>
    /// Writes the names of options with hyphens: <c>--cfg_scale</c>, as the official scripts have it, becomes <c>--cfg-scale</c>.
    /// </summary>
    /// <param name="arguments">The words of the command line.</param>
    public static IReadOnlyList<string> Normalize(IReadOnlyList<string> arguments)
    {
        var result = new List<string>(arguments.Count);
        bool options = true;
        foreach (string argument in arguments)
        {
            options &= argument != "--";
            int end = argument.IndexOf('=', StringComparison.Ordinal) is int at and >= 0 ? at : argument.Length;
            result.Add(options && LooksLikeOption(argument) ? argument[..end].Replace('_', '-') + argument[end..] : argument);
        }

        return result;
    }

    /// <summary>Whether a word is written like an option rather than a text.</summary>
    public static bool LooksLikeOption(string word)
    {
        string name = word.Split('=')[0];
        return name.Length > 2 && name.StartsWith("--", StringComparison.Ordinal) && char.IsAsciiLetter(name[2])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>The known word nearest to one that isn't known; null where none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        (string? best, int distance) = (null, (word.TrimStart('-').Length / 3) + 1);
        foreach (string candidate in known)
        {
            int d = Distance(word, candidate);
            if (d < distance || (best is null && d <= distance))
            {
                (best, distance) = (candidate, d);
            }
        }

        return best;
    }

    // Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
