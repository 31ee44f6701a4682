using NexusGen.Cli;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>One run of the command inside this process, and what it wrote.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliRun(int Code, string Out, string Error)
{
    /// <summary>The model of the reference cases.</summary>
    public static string TinyModel => ReferenceFolder.TinyModel;

    /// <summary>Runs a command line.</summary>
    public static Task<CliRun> Of(params string[] arguments) => Of("", CancellationToken.None, arguments);

    /// <summary>Runs a command line with some input.</summary>
    public static async Task<CliRun> Of(string input, CancellationToken cancellationToken, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await new CommandLine(new Terminal(new StringReader(input), output, error)).RunAsync(arguments, cancellationToken);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A picture of the reference cases.</summary>
    public static string Picture(string name) => Path.Combine(ReferenceFolder.Path, "images", name);
}
