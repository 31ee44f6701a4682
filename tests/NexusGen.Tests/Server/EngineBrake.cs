using NexusGen.Requests;

namespace NexusGen.Tests.Server;

/// <summary>
/// A job of its own that holds up the thread on which a model computes, at each report of its progress: other jobs wait, whatever
/// the speed of the machine.
/// </summary>
internal sealed class EngineBrake : IProgress<ProgressReport>, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ManualResetEventSlim _released = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _time;
    private readonly Task _job;

    private EngineBrake(NexusGenModel model, TimeSpan time)
    {
        _time = time;
        var request = new GenerateRequest("A cat")
        {
            Reply = new ReplySettings { ForceImage = true },
            Settings = new ImageSettings { Steps = 100_000 },
        };
        _job = Task.Run(() => model.GenerateAsync(request, this, _end.Token));
    }

    /// <summary>Holds up a model until <see cref="Release"/>, or for some time at each report.</summary>
    public static async Task<EngineBrake> StartAsync(NexusGenModel model, TimeSpan? time = null)
    {
        var brake = new EngineBrake(model, time ?? Patience);
        await brake._holds.Task.WaitAsync(Patience);
        return brake;
    }

    public void Report(ProgressReport value)
    {
        _holds.TrySetResult();
        _released.Wait(_time);
    }

    /// <summary>Lets the model go on.</summary>
    public void Release()
    {
        _end.Cancel();
        _released.Set();
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _job.WaitAsync(Patience));
        _released.Dispose();
        _end.Dispose();
    }
}
