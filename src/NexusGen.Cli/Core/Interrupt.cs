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
    private readonly Suspension? _suspension;
    private int _count;

    /// <summary>Registers the signal handlers.</summary>
    /// <param name="launched">
    /// Whether <c>mpirun</c> started this process. On Ctrl-C it sends SIGCONT, later SIGTERM, at last SIGKILL, so the first of
    /// them counts; and it passes on SIGUSR1, which asks to stop without a time limit. It also sends SIGCONT after a suspension.
    /// </param>
    public Interrupt(bool launched = false)
    {
        const int userSignal = 10;
        _suspension = launched && OperatingSystem.IsLinux() ? new Suspension() : null;
        PosixSignal[] signals = launched && OperatingSystem.IsLinux()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGCONT, (PosixSignal)userSignal]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>The token that the first signal cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _suspension?.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_suspension is not null)
        {
            context.Cancel = true;
            if (context.Signal != PosixSignal.SIGCONT || !_suspension.JustEnded())
            {
                _ = _source.CancelAsync();
            }

            return;
        }

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

    /// <summary>Ends the process at once, whatever its threads are busy with. Not available on Windows.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void ExitNow(int code);
}
