using System.Runtime.ExceptionServices;
using NexusGen.Autoregressive;

namespace NexusGen.Jobs;

/// <summary>A request's place in a batch of replies that others may share.</summary>
/// <param name="batch">The batch.</param>
/// <param name="sequences">The replies that are the request's own.</param>
/// <param name="leave">Gives the place back.</param>
internal sealed class WritingPlace(ReplyBatch batch, IReadOnlyList<ReplySequence> sequences, Action leave) : IDisposable
{
    private long _seen = Advanced(sequences);
    private bool _left;

    /// <summary>The replies that are the request's own.</summary>
    public IReadOnlyList<ReplySequence> Sequences => sequences;

    /// <summary>Takes a step, unless another's turn has done so for this one too.</summary>
    /// <returns>Whether there is more to write.</returns>
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

    private static long Advanced(IReadOnlyList<ReplySequence> sequences) => sequences.Sum(sequence => sequence.LastPass);
}
