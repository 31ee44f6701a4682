using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Progress;

namespace NexusGen.Cli.Output;

/// <summary>
/// What a command says: lines for a person and one object for a program, of which only the wanted kind reaches standard output;
/// notes and progress go to standard error, or nowhere with <c>--quiet</c>.
/// </summary>
/// <param name="terminal">Where it is written.</param>
/// <param name="quiet">Whether notes and progress are suppressed.</param>
/// <param name="json">Whether a program reads the result.</param>
/// <param name="timings">Whether the time of each phase is reported at the end.</param>
internal sealed class CommandOutput(Terminal terminal, bool quiet = false, bool json = false, bool timings = false)
{
    /// <summary>Whether a program reads the result.</summary>
    public bool IsJson => json;

    /// <summary>A line of the result, for a person.</summary>
    public void Line(string text)
    {
        if (!IsJson)
        {
            terminal.Out.WriteLine(text);
        }
    }

    /// <summary>A piece of the result as it comes, for a person.</summary>
    public void Piece(string text)
    {
        if (!IsJson)
        {
            terminal.Out.Write(text);
            terminal.Out.Flush();
        }
    }

    /// <summary>The result, for a program.</summary>
    public void Json(JsonObject result, bool indented = true)
    {
        if (IsJson)
        {
            terminal.Out.WriteLine(result.ToJsonString(indented ? JsonText.Indented : JsonText.Format));
            terminal.Out.Flush();
        }
    }

    /// <summary>Something worth knowing that is not the result.</summary>
    public void Note(string text)
    {
        if (!quiet)
        {
            terminal.Error.WriteLine(text);
        }
    }

    /// <summary>Something that went wrong though the work goes on; said even where notes are not.</summary>
    public void Problem(string text) => terminal.Error.WriteLine($"nexusgen: {text.ReplaceLineEndings(" ")}");

    /// <summary>A new display of progress; the caller disposes it.</summary>
    public ProgressDisplay Progress()
    {
        var display = ProgressDisplay.For(terminal, quiet);
        return timings ? new TimedProgress(display, terminal.Error, TimeProvider.System) : display;
    }
}
