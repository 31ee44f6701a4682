using NexusGen.Requests;
using Spectre.Console;

namespace NexusGen.Cli.Progress;

/// <summary>Progress on a screen: one moving line, which vanishes when it is no longer needed.</summary>
/// <param name="console">The screen.</param>
internal sealed class BarProgress(IAnsiConsole console) : ProgressDisplay
{
    private readonly Lock _lock = new();
    private (ProgressPhase Phase, string Detail) _current;
    private Live? _live;
    private ProgressTask? _task;
    private bool _ended;

    /// <inheritdoc/>
    public override void Report(ProgressReport value)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _live ??= Live.Start(console);
            if (_task is null || _current != (value.Phase, value.Detail))
            {
                _task?.StopTask();
                _task = _live.Context?.AddTask(Markup.Escape(Describe(value)));
                _current = (value.Phase, value.Detail);
            }

            if (_task is { } task)
            {
                task.Description = Markup.Escape(Describe(value));
                task.IsIndeterminate = value.Total is null or 0;
                task.MaxValue = Math.Max(1, value.Total ?? 1);
                task.Value = value.Total is null ? 0 : value.Completed;
            }
        }
    }

    /// <inheritdoc/>
    public override void Pause()
    {
        lock (_lock)
        {
            _live?.Stop();
            _live = null;
            _task = null;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        Pause();
    }

    // Spectre shows progress for as long as a function runs; this one runs until it is told to stop.
    private sealed class Live
    {
        private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _showing;

        private Live(IAnsiConsole console, TaskCompletionSource<ProgressContext> ready) =>
            _showing = Task.Run(() => console.Progress()
                .AutoClear(true)
                .HideCompleted(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn())
                .StartAsync(context =>
                {
                    ready.SetResult(context);
                    return _stop.Task;
                }));

        public ProgressContext? Context { get; private set; }

        public static Live Start(IAnsiConsole console)
        {
            var ready = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
            var live = new Live(console, ready);
            Task.WaitAny(ready.Task, live._showing);
            live.Context = ready.Task.IsCompletedSuccessfully ? ready.Task.Result : null;
            return live;
        }

        public void Stop()
        {
            _stop.TrySetResult();
            try
            {
                _showing.Wait();
            }
            catch (AggregateException)
            {
                // A screen that can't be drawn on is no reason to fail.
            }
        }
    }
}
