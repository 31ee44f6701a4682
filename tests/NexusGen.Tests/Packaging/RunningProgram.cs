using System.Collections.Concurrent;
using System.Diagnostics;

namespace NexusGen.Tests.Packaging;

/// <summary>A program that is started as a user would start it, and stopped with the test.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];

    private RunningProgram(Process process)
    {
        _process = process;
        DataReceivedEventHandler keep = (_, line) => _lines.Enqueue(line.Data ?? "");
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Gets the output and error output so far.</summary>
    public string Said => string.Join('\n', _lines);

    /// <summary>Gets the standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts a program.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Additional environment variables; a null value removes a variable.</param>
    public static RunningProgram Start(
        string folder,
        string program,
        string[] arguments,
        params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Waits for an output line that matches.</summary>
    public async Task<string> SaysAsync(Func<string, bool> fits)
    {
        for (int i = 0; i < 1200; i++)
        {
            if (_lines.FirstOrDefault(fits) is { } line)
            {
                return line;
            }

            Assert.False(_process.HasExited && _lines.FirstOrDefault(fits) is null, Said);
            await Task.Delay(100);
        }

        throw new TimeoutException(Said);
    }

    /// <summary>Asks the program to stop with SIGTERM, as a system does on shutdown.</summary>
    public void Terminate() => Signal("-TERM");

    /// <summary>Asks the program to stop with SIGINT, as Ctrl-C does.</summary>
    public void Interrupt() => Signal("-INT");

    private void Signal(string name) =>
        Process.Start("kill", [name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>Waits for the program to exit.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        Input.Close();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
