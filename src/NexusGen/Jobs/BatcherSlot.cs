using System.Runtime.ExceptionServices;
using NexusGen.Autoregressive;

namespace NexusGen.Jobs;

/// <summary>The sequences of one request in a batch that other requests may share.</summary>
/// <param name="batch">The batch.</param>
/// <param name="sequences">The sequences of the request.</param>
/// <param name="leave">Removes the sequences from the batch; called once, on disposal.</param>
internal sealed class BatcherSlot(GenerationBatch batch, IReadOnlyList<GenerationSequence> sequences, Action leave) : IDisposable
{
    private long _seen = Advanced(sequences);
    private bool _left;

    /// <summary>Gets the sequences of the request.</summary>
    public IReadOnlyList<GenerationSequence> Sequences => sequences;

    /// <summary>
    /// Runs a forward pass of the batch, unless a pass of another request has advanced the sequences since the last call. Throws
    /// the error of a sequence that has failed.
    /// </summary>
    /// <returns>Whether there is more to generate.</returns>
    public bool Step()
    {
        if (Advanced(sequences) == _seen)
        {
            batch.Step();
        }

        _seen = Advanced(sequences);
        if (sequences.FirstOrDefault(sequence => sequence.Fault is not null) is { Fault: { } fault })
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return sequences.Any(sequence => sequence.IsGoing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_left)
        {
            _left = true;
            leave();
        }
    }

    private static long Advanced(IReadOnlyList<GenerationSequence> sequences) => sequences.Sum(sequence => sequence.LastPass);
}
