namespace NexusGen.Cli.Help;

/// <summary>Accepts the Python spelling of options and suggests known words for unknown ones.</summary>
internal static class Spelling
{
    /// <summary>
    /// Replaces underscores in option names with hyphens: <c>--cfg_scale</c>, as in the official scripts, becomes
    /// <c>--cfg-scale</c>.
    /// </summary>
    /// <param name="arguments">The arguments of the command line.</param>
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

    /// <summary>Whether a word looks like an option rather than text.</summary>
    public static bool LooksLikeOption(string word)
    {
        string name = word.Split('=')[0];
        return name.Length > 2 && name.StartsWith("--", StringComparison.Ordinal) && char.IsAsciiLetter(name[2])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>Returns the known word that is closest to an unknown one, or null if none is close.</summary>
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

    // The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
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
