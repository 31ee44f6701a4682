using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace NexusGen.Tests.Extensions;

/// <summary>A logger that keeps all lines.</summary>
internal sealed class LineLogger : ILoggerFactory, ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>Gets the lines of level warning and above.</summary>
    public ConcurrentQueue<string> Warnings { get; } = [];

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        Lines.Enqueue(line);
        if (logLevel >= LogLevel.Warning)
        {
            Warnings.Enqueue($"{line} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
