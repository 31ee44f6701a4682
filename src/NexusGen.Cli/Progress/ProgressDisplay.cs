using NexusGen.Cli.Core;
using NexusGen.Requests;
using Spectre.Console;

namespace NexusGen.Cli.Progress;

/// <summary>Shows on standard error how far the work has come. Reports may come from any thread.</summary>
internal abstract class ProgressDisplay : IProgress<ProgressReport>, IDisposable
{
    /// <summary>The display that fits: bars on a screen, now and then a line in a file, nothing where none is wanted.</summary>
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

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        return new BarProgress(console);
    }

    /// <inheritdoc/>
    public abstract void Report(ProgressReport value);

    /// <summary>Takes the display off the screen, so that a text can be written there; the next report brings it back.</summary>
    public virtual void Pause()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Pause();

    /// <summary>What is being done, in words: <c>denoising 12/50</c>.</summary>
    protected static string Describe(ProgressReport report)
    {
        string what = report.Phase switch
        {
            ProgressPhase.Waiting => "waiting for memory",
            ProgressPhase.Loading => "loading",
            ProgressPhase.Reading => "reading",
            ProgressPhase.Writing => "writing",
            ProgressPhase.Denoising => "denoising",
            _ => "decoding",
        };
        string detail = report.Detail.Length > 0 ? " " + report.Detail : "";
        string count = report.Total is int total ? $" {report.Completed}/{total}" : report.Completed > 0 ? $" {report.Completed}" : "";
        return what + detail + count;
    }

    private sealed class NoProgress : ProgressDisplay
    {
        public override void Report(ProgressReport value)
        {
        }
    }
}
