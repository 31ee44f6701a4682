namespace NexusGen.Cli.Progress;

/// <summary>
/// A line at the bottom of a screen that is drawn anew many times a second, until it is stopped and disappears. A thread of its
/// own draws, so that a terminal that accepts no output delays neither the work nor its end.
/// </summary>
internal sealed class AnimatedLine
{
    // Wrapping is off while a line is drawn: a window that has just become narrower cuts it.
    private const string Begin = "\r\e[?7l", End = "\e[K\e[?7h";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly ManualResetEventSlim _stop = new();
    private readonly TextWriter _writer;
    private readonly Func<int, string> _line;
    private readonly Thread _thread;

    /// <summary>Begins to draw.</summary>
    /// <param name="writer">The screen, which understands the escape sequences of ANSI.</param>
    /// <param name="line">Returns the line to draw; it is told how many were drawn before.</param>
    public AnimatedLine(TextWriter writer, Func<int, string> line)
    {
        (_writer, _line) = (writer, line);
        _thread = new Thread(Run) { IsBackground = true, Name = "progress" };
        _thread.Start();
    }

    /// <summary>
    /// Removes the line. A drawing that hangs in the terminal is left behind; it ends with the process.
    /// </summary>
    public void Stop()
    {
        _stop.Set();
        _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Run()
    {
        try
        {
            int tick = 0;
            do
            {
                Write(_line(tick++));
            }
            while (!_stop.Wait(Pace));

            Write("");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A screen that can't be drawn on is no reason to fail.
        }
    }

    private void Write(string line)
    {
        _writer.Write(Begin + line + End);
        _writer.Flush();
    }
}
