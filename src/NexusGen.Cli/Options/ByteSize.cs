using System.Globalization;

namespace NexusGen.Cli.Options;

/// <summary>Parses and formats memory sizes: 12GB is 12·10⁹ bytes, 12GiB is 12·2³⁰ bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Factor)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>Parses a size with its unit.</summary>
    /// <param name="text">The text, for example <c>12GB</c> or <c>1.5 GiB</c>.</param>
    /// <param name="bytes">The size in bytes, or 0 if the text is not a size of at least one byte.</param>
    /// <returns>true if the text is a size; otherwise, false.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string trimmed = text.Trim();
        foreach ((string unit, double factor) in Units)
        {
            if (trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                bool read = double.TryParse(
                    trimmed[..^unit.Length],
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out double number);
                double size = Math.Round(number * factor);
                bytes = read && size is >= 1 and < long.MaxValue ? (long)size : 0;
                return bytes > 0;
            }
        }

        return false;
    }

    /// <summary>Formats a size, for example 1.53 GB.</summary>
    public static string Format(long bytes) => bytes switch
    {
        >= 1_000_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e12:0.00} TB"),
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.00} MB"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.00} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };
}
