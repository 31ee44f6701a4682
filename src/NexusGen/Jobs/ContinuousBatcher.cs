using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Engine;

namespace NexusGen.Jobs;

/// <summary>
/// Continuous batching: requests that generate at the same time share forward passes, and join and leave the batch between two
/// passes. It needs no barrier. All jobs run in turn on the engine's thread, and a job that finds at its turn that its sequence
/// has not advanced since the last turn runs the pass for all.
/// </summary>
/// <param name="maxBatch">
/// The number of requests that generate at once. At 1, each request has its own batch and none waits.
/// </param>
/// <param name="changed">Called when a waiting job should try again.</param>
internal sealed class ContinuousBatcher(int maxBatch, Action changed)
{
    // Nearly always one batch. A reply that is so long that the memory of the others would have to grow with it gets another.
    private readonly List<GenerationBatch> _batches = [];
    private readonly LinkedList<object> _waiting = [];
    private int _count;

    /// <summary>Gets the counter of the forward passes of all replies.</summary>
    public PassCounter Counter { get; } = new();

    /// <summary>Waits until there is room, first come first served. Call <see cref="Join"/> in the same step.</summary>
    /// <param name="prompts">The number of prompts of the request; several prompts form their own batch and never wait.</param>
    /// <param name="job">The job that waits.</param>
    public async Task WaitForRoomAsync(int prompts, JobContext job)
    {
        if (!IsShared(prompts))
        {
            return;
        }

        LinkedListNode<object> ticket = _waiting.AddLast(new object());
        try
        {
            while (_count >= maxBatch || _waiting.First != ticket)
            {
                await job.WaitForChange();
            }
        }
        finally
        {
            _waiting.Remove(ticket);
            changed();
        }
    }

    /// <summary>Adds prompts to a batch.</summary>
    /// <param name="model">The language model; it has to stay loaded until the slot is disposed.</param>
    /// <param name="prompts">The prompts and the options of each.</param>
    /// <exception cref="NexusGenException">
    /// A prompt does not fit its images or the model, or an option is out of range.
    /// </exception>
    public BatcherSlot Join(LanguageModel model, IReadOnlyList<(TokenizedPrompt Prompt, GenerationOptions Options)> prompts)
    {
        if (!IsShared(prompts.Count))
        {
            var own = new GenerationBatch(model, prompts) { Counter = Counter };
            return new BatcherSlot(own, own.Sequences, own.Dispose);
        }

        (TokenizedPrompt prompt, GenerationOptions options) = prompts[0];
        foreach (GenerationBatch batch in _batches.Where(batch => batch.Model == model))
        {
            if (batch.TryAdd(prompt, options) is { } joined)
            {
                return SlotOf(batch, joined);
            }
        }

        var added = GenerationBatch.Open(model, Counter);
        try
        {
            GenerationSequence first = added.TryAdd(prompt, options)!;
            _batches.Add(added);
            return SlotOf(added, first);
        }
        catch
        {
            added.Dispose();
            throw;
        }
    }

    private bool IsShared(int prompts) => maxBatch > 1 && prompts == 1;

    private BatcherSlot SlotOf(GenerationBatch batch, GenerationSequence sequence)
    {
        _count++;
        return new BatcherSlot(batch, [sequence], () => Leave(batch, sequence));
    }

    private void Leave(GenerationBatch batch, GenerationSequence sequence)
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
