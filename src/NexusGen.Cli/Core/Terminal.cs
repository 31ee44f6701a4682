namespace NexusGen.Cli.Core;

/// <summary>Where the command reads and writes. Results go to <see cref="Out"/>, everything else to <see cref="Error"/>.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person types the input, who wants a prompt.</summary>
    public bool TypesInput { get; init; }

    /// <summary>Whether standard error is a screen, which can show moving progress.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>How many characters fit a line of help.</summary>
    public int Width { get; init; } = 120;

    /// <summary>The terminal of this process.</summary>
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
            ShowsProgress = !Console.IsErrorRedirected,
            Width = Console.IsOutputRedirected ? 120 : Math.Clamp(Console.WindowWidth - 1, 60, 140),
        };
    }
}
