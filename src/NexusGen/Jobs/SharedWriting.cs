using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Engine;

namespace NexusGen.Jobs;

/// <summary>
/// Lets requests that are written at the same time share forward passes. It needs no barrier: all run in turn on the engine's
/// thread, and whoever finds at its turn that it has not advanced since the last one takes a step for all.
/// </summary>
/// <param name="maxBatch">How many requests are written at once; at 1 each has a batch of its own, and none waits.</param>
/// <param name="changed">Called when a request that waits may look again.</param>
internal sealed class SharedWriting(int maxBatch, Action changed)
{
    // Nearly always one batch; another for a reply so long that the others' memory would have to grow with it.
    private readonly List<ReplyBatch> _batches = [];
    private readonly LinkedList<object> _waiting = [];
    private int _count;

    /// <summary>Counts the forward passes of all replies.</summary>
    public PassCounter Counter { get; } = new();

    /// <summary>Steps that end when there is room, first come first served; call <see cref="Begin"/> in the same turn.</summary>
    /// <param name="prompts">How many prompts are to be written: several are a batch of their own.</param>
    public IEnumerable<JobState> Room(int prompts)
    {
        if (!IsShared(prompts))
        {
            yield break;
        }

        LinkedListNode<object> ticket = _waiting.AddLast(new object());
        try
        {
            while (_count >= maxBatch || _waiting.First != ticket)
            {
                yield return JobState.Waiting;
            }
        }
        finally
        {
            _waiting.Remove(ticket);
            changed();
        }
    }

    /// <summary>Begins to write.</summary>
    /// <param name="model">The language model; it has to stay loaded until the place is disposed.</param>
    /// <param name="prompts">The prompts with how to reply to each.</param>
    /// <exception cref="NexusGenException">A prompt does not fit its pictures or the model, or an option is out of range.</exception>
    public WritingPlace Begin(LanguageModel model, IReadOnlyList<(ReplyPrompt Prompt, ReplyOptions Options)> prompts)
    {
        if (!IsShared(prompts.Count))
        {
            var own = new ReplyBatch(model, prompts) { Counter = Counter };
            return new WritingPlace(own, own.Sequences, own.Dispose);
        }

        (ReplyPrompt prompt, ReplyOptions options) = prompts[0];
        foreach (ReplyBatch batch in _batches.Where(batch => batch.Model == model))
        {
            if (batch.TryAdd(prompt, options) is { } joined)
            {
                return Place(batch, joined);
            }
        }

        var added = ReplyBatch.Open(model, Counter);
        try
        {
            ReplySequence first = added.TryAdd(prompt, options)!;
            _batches.Add(added);
            return Place(added, first);
        }
        catch
        {
            added.Dispose();
            throw;
        }
    }

    private bool IsShared(int prompts) => maxBatch > 1 && prompts == 1;

    private WritingPlace Place(ReplyBatch batch, ReplySequence sequence)
    {
        _count++;
        return new WritingPlace(batch, [sequence], () => Leave(batch, sequence));
    }

    private void Leave(ReplyBatch batch, ReplySequence sequence)
    {
        _count--;
        batch.Remove(sequence);
        if (batch.Sequences.Count == 0)
        {
            _batches.Remove(batch);
            batch.Dispose();
        }

        changed();
    }
}
