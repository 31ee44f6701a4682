using NexusGen.Cli.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>Shows progress on standard error. Reports may come from any thread.</summary>
internal abstract class ProgressDisplay : IProgress<ProgressReport>, IDisposable
{
    /// <summary>
    /// Creates the display for a terminal: an animated line on a screen, occasional lines in a file, or nothing if progress is
    /// suppressed.
    /// </summary>
    public static ProgressDisplay For(Terminal terminal, bool quiet)
    {
        if (quiet)
        {
            return new NoProgress();
        }

        if (!terminal.ShowsProgress)
        {
            return new LineProgress(terminal.Error, TimeProvider.System);
        }

        return new BarProgress(terminal.Error, terminal.Columns, TimeProvider.System);
    }

    /// <inheritdoc/>
    public abstract void Report(ProgressReport value);

    /// <summary>Removes the display from the screen so that text can be written; the next report restores it.</summary>
    public virtual void Pause()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Pause();

    /// <summary>Describes the current work, for example <c>denoising 12/50</c>.</summary>
    protected static string Describe(ProgressReport report)
    {
        string what = report.Phase switch
        {
            ProgressPhase.Loading => "loading",
            ProgressPhase.Reading => "prefill",
            ProgressPhase.Generating => "generating",
            ProgressPhase.Denoising => "denoising",
            _ => "decoding",
        };
        string detail = report.Detail.Length > 0 ? " " + report.Detail : "";
        string count = report.Total is int total ? $" {report.Completed}/{total}"
            : report.Completed > 0 ? $" {report.Completed}"
            : "";
        return what + detail + count;
    }

    private sealed class NoProgress : ProgressDisplay
    {
        public override void Report(ProgressReport value)
        {
        }
    }
}
