using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Progress;

namespace NexusGen.Cli.Output;

/// <summary>
/// The output of a command: lines for a person or one JSON object for a program. Only the requested kind is written to standard
/// output; notes and progress go to standard error, or are suppressed by <c>--quiet</c>.
/// </summary>
/// <param name="terminal">The standard streams.</param>
/// <param name="quiet">Whether notes and progress are suppressed.</param>
/// <param name="json">Whether the result is printed as JSON.</param>
/// <param name="timings">Whether the time of each phase is reported at the end.</param>
internal sealed class CommandOutput(Terminal terminal, bool quiet = false, bool json = false, bool timings = false)
{
    /// <summary>Whether the result is printed as JSON.</summary>
    public bool IsJson => json;

    /// <summary>Writes a line of the result, unless the result is printed as JSON.</summary>
    public void WriteLine(string text)
    {
        if (!IsJson)
        {
            terminal.Out.WriteLine(text);
        }
    }

    /// <summary>Writes a piece of the result as it is generated, unless the result is printed as JSON.</summary>
    public void WriteText(string text)
    {
        if (!IsJson)
        {
            terminal.Out.Write(text);
            terminal.Out.Flush();
        }
    }

    /// <summary>Writes the result as JSON if that was requested.</summary>
    public void WriteJson(JsonObject result, bool indented = true)
    {
        if (IsJson)
        {
            terminal.Out.WriteLine(result.ToJsonString(indented ? JsonText.Indented : JsonText.Format));
            terminal.Out.Flush();
        }
    }

    /// <summary>Writes a note to standard error, unless notes are suppressed.</summary>
    public void WriteNote(string text)
    {
        if (!quiet)
        {
            terminal.Error.WriteLine(text);
        }
    }

    /// <summary>Writes an error after which the work continues, even if notes are suppressed.</summary>
    public void WriteError(string text) => terminal.Error.WriteLine($"nexusgen: {text.ReplaceLineEndings(" ")}");

    /// <summary>Creates a progress display, which the caller must dispose.</summary>
    public ProgressDisplay Progress()
    {
        var display = ProgressDisplay.For(terminal, quiet);
        return timings ? new TimedProgress(display, terminal.Error, TimeProvider.System) : display;
    }
}
