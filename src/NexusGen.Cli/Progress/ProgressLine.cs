using System.Globalization;

namespace NexusGen.Cli.Progress;

/// <summary>
/// Lays out a line of progress for a width: always the text, cut if it is too long; a spinner, a bar and the remaining time if
/// there is room. It is a function of its arguments, so no width can keep it busy.
/// </summary>
internal static class ProgressLine
{
    private const int MinBar = 10;
    private const int MaxBar = 40;

    private static readonly string[] Spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    private static readonly string[] PlainSpinner = ["-", "\\", "|", "/"];

    /// <summary>Returns the line, which has fewer characters than the screen has columns.</summary>
    /// <param name="text">The current work, for example <c>denoising 12/50</c>.</param>
    /// <param name="fraction">The completed part from 0 to 1, or null if it is not known.</param>
    /// <param name="remaining">The remaining time, or null if it is not known.</param>
    /// <param name="tick">The number of lines shown so far; turns the spinner.</param>
    /// <param name="width">The columns of the screen.</param>
    /// <param name="unicode">Whether the screen shows more than ASCII.</param>
    public static string Format(string text, double? fraction, TimeSpan? remaining, int tick, int width, bool unicode)
    {
        // The last column stays empty: some terminals begin a new line as soon as it is filled.
        int room = Math.Max(0, width - 1);
        string[] spinner = unicode ? Spinner : PlainSpinner;
        string line = $"{spinner[tick % spinner.Length]} {text}";
        if (line.Length > room)
        {
            return text.Length <= room ? text : text[..room];
        }

        string time = remaining is { } left ? " " + Time(left) : "";
        int bar = Math.Min(MaxBar, room - line.Length - time.Length - 1);
        if (fraction is { } part && bar >= MinBar)
        {
            int filled = (int)(Math.Clamp(part, 0, 1) * bar);
            return $"{line} {new string(unicode ? '━' : '=', filled)}{new string(unicode ? '─' : '-', bar - filled)}{time}";
        }

        return line.Length + time.Length <= room ? line + time : line;
    }

    private static string Time(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Min(999, (int)time.TotalHours)}:{time.Minutes:00}:{time.Seconds:00}");
}
