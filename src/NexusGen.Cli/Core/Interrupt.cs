using System.Runtime.InteropServices;

namespace NexusGen.Cli.Core;

/// <summary>
/// Turns the first Ctrl-C or termination request into a cancellation: the work ends between two steps and leaves no incomplete
/// file. The second one ends the process at once, whatever it is busy with.
/// </summary>
internal sealed partial class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    /// <summary>Registers the signal handlers.</summary>
    public Interrupt() =>
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)
        ];

    /// <summary>The token that the first signal cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        switch (Interlocked.Increment(ref _count))
        {
            case 1:
                context.Cancel = true;

                // On a thread of its own: what is cancelled may take its time, and the next signal must be heard.
                _ = _source.CancelAsync();
                break;
            case > 1 when !OperatingSystem.IsWindows():
                // The runtime's own end waits for other threads, which may be the ones that hang.
                ExitNow(context.Signal == PosixSignal.SIGTERM ? 143 : ExitCode.Cancelled);
                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
