using Spectre.Console;

namespace NexusGen.Cli.Core;

/// <summary>
/// The standard streams of the command. Results go to <see cref="Out"/>, everything else to <see cref="Error"/>.
/// </summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person types the input and needs a prompt.</summary>
    public bool TypesInput { get; init; }

    /// <summary>Whether standard error is a screen, which can show animated progress.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>Returns the present number of columns of the screen, or 0 if it is not known.</summary>
    public Func<int> Columns { get; init; } = () => 0;

    /// <summary>The number of characters in a line of help.</summary>
    public int Width { get; init; } = 120;

    /// <summary>Returns the terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = System.Text.Encoding.UTF8;
            Console.InputEncoding = System.Text.Encoding.UTF8;
        }

        return new Terminal(Console.In, Console.Out, Console.Error)
        {
            TypesInput = !Console.IsInputRedirected && !Console.IsOutputRedirected,
            ShowsProgress = !Console.IsErrorRedirected && UnderstandsAnsi(),
            Columns = ColumnsOfProcess,
            Width = Console.IsOutputRedirected ? 120 : Math.Clamp(ColumnsOfProcess() - 1, 60, 140),
        };
    }

    private static int ColumnsOfProcess()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // Spectre.Console knows the terminals, and switches the escape sequences on where a system has them off.
    private static bool UnderstandsAnsi() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
    }).Profile.Capabilities is { Ansi: true, Interactive: true };
}
