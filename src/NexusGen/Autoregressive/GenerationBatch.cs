using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Generates replies to a batch of prompts, one forward pass for each call of <see cref="Step"/>. An image takes ONE pass: its
/// inputs are the learned <c>image_prefill_embeds</c>, which are all known in advance, and attention is causal. One pass over all
/// of them therefore computes exactly what one pass per token would (prefilled autoregression, section 3 of the paper).
/// </summary>
/// <remarks>The reply to a prompt does not depend on the rest of the batch. Not thread-safe.</remarks>
internal sealed class GenerationBatch : IDisposable
{
    // A sequence of an open batch that has waited for this many passes goes first.
    private const int Patience = 16;

    // All slots have the capacity of the longest sequence. This bounds the tokens that are reserved beyond need: 0.9 GB at the
    // official sizes in bfloat16.
    private const long SpareTokens = 16_384;

    private readonly LanguageModel _model;
    private readonly KeyValueCache _cache;
    private readonly ForwardPasses _passes;
    private readonly List<GenerationSequence> _sequences = [];
    private readonly bool _isOpen;
    private long _passCount;

    /// <summary>Initializes a batch with prompts. Nothing is computed before the first step.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompts">The prompts and the options of each.</param>
    /// <param name="tokenByToken">
    /// Whether image tokens are computed one after the other, as the official code does; slower, with the same result.
    /// </param>
    /// <exception cref="NexusGenException">
    /// A prompt does not fit its images or the model, or an option is out of range.
    /// </exception>
    public GenerationBatch(
        LanguageModel model,
        IReadOnlyList<(TokenizedPrompt Prompt, GenerationOptions Options)> prompts,
        bool tokenByToken = false)
        : this(model, tokenByToken, isOpen: false)
    {
        using var scope = NewDisposeScope();
        LanguageModelConfiguration c = model.Configuration;
        try
        {
            if (prompts.Count == 0)
            {
                throw new NexusGenException("There is no prompt to reply to: give at least one.");
            }

            foreach ((TokenizedPrompt prompt, GenerationOptions options) in prompts)
            {
                GenerationValidation.Check(prompt, options, c);
            }

            foreach ((TokenizedPrompt prompt, GenerationOptions options) in prompts)
            {
                _sequences.Add(new GenerationSequence(prompt, options, c, _sequences.Count));
            }

            _cache.Resize([], prompts.Count, _sequences.Max(sequence => sequence.Need));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private GenerationBatch(LanguageModel model, bool tokenByToken, bool isOpen)
    {
        _model = model;
        _isOpen = isOpen;
        _cache = new KeyValueCache(model.Configuration, 0, 0, model.Placement);
        _passes = new ForwardPasses(model, _cache, tokenByToken);
    }

    /// <summary>Gets the sequences, one for each prompt.</summary>
    public IReadOnlyList<GenerationSequence> Sequences => _sequences;

    /// <summary>Gets the counter of the forward passes.</summary>
    internal PassCounter Counter { get; init; } = new();

    /// <summary>Gets the language model.</summary>
    internal LanguageModel Model => _model;

    /// <summary>
    /// Creates an open batch: it has no sequences yet, and sequences join and leave between two passes. An error of one sequence
    /// does not end the others; it is stored in its <see cref="GenerationSequence.Fault"/>.
    /// </summary>
    /// <param name="model">The language model.</param>
    /// <param name="counter">Counts the passes.</param>
    internal static GenerationBatch Open(LanguageModel model, PassCounter counter) =>
        new(model, tokenByToken: false, isOpen: true) { Counter = counter };

    /// <summary>Runs the next forward pass.</summary>
    /// <returns>Whether a sequence has more to generate.</returns>
    public bool Step()
    {
        using var scope = NewDisposeScope();
        GenerationSequence[] going = [.. _sequences.Where(sequence => sequence.IsGoing)];
        if (going.Length > 0)
        {
            Pass(Next(going));
        }

        return _sequences.Any(sequence => sequence.IsGoing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        foreach (GenerationSequence sequence in _sequences)
        {
            sequence.Dispose();
        }
    }

    /// <summary>Adds a sequence to an open batch.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How to generate.</param>
    /// <returns>
    /// The sequence, or null if it is so much longer or shorter than the others that too much of a common cache would stay
    /// unused.
    /// </returns>
    /// <exception cref="NexusGenException">
    /// The prompt does not fit its images or the model, or an option is out of range.
    /// </exception>
    internal GenerationSequence? TryAdd(TokenizedPrompt prompt, GenerationOptions options)
    {
        using var scope = NewDisposeScope();
        GenerationValidation.Check(prompt, options, _model.Configuration);
        var sequence = new GenerationSequence(prompt, options, _model.Configuration, FreeSlot()) { LastPass = _passCount };
        try
        {
            if ((sequence.Slot == _cache.Slots || sequence.Need > _cache.Capacity) && !TryGrow(sequence))
            {
                sequence.Dispose();
                return null;
            }
        }
        catch
        {
            sequence.Dispose();
            throw;
        }

        // In the order of the slots: rows of neighbouring slots attend together.
        _sequences.Insert(_sequences.Count(other => other.Slot < sequence.Slot), sequence);
        return sequence;
    }

    /// <summary>Removes a sequence from an open batch and disposes it, whether or not it has ended.</summary>
    /// <param name="sequence">The sequence.</param>
    internal void Remove(GenerationSequence sequence)
    {
        _sequences.Remove(sequence);
        sequence.Dispose();
    }

    // The vision start token, the image tokens and the vision end token.
    internal static int PassLength(LanguageModelConfiguration c) => c.ImageTokens + 2;

    private int FreeSlot() =>
        Enumerable.Range(0, _sequences.Count + 1).First(slot => _sequences.All(sequence => sequence.Slot != slot));

    // Allocates a new cache for the present sequences and the added one, and moves them to its first slots.
    private bool TryGrow(GenerationSequence added)
    {
        int slots = _sequences.Count + 1;
        long longest = Math.Max(added.Need, _sequences.Select(sequence => sequence.Need).DefaultIfEmpty(0).Max());
        if ((slots * longest) - _sequences.Sum(sequence => sequence.Need) - added.Need > SpareTokens)
        {
            return false;
        }

        _cache.Resize([.. _sequences.Select(sequence => sequence.Slot)], slots, longest);
        for (int slot = 0; slot < _sequences.Count; slot++)
        {
            _sequences[slot].Slot = slot;
        }

        added.Slot = _sequences.Count;
        return true;
    }

    // Prefills come first, one in each pass. Then text is generated; images are predicted only when no sequence generates text,
    // so that as many as possible share a pass. New sequences may join an open batch without end: one that has waited long goes
    // first.
    private GenerationSequence[] Next(GenerationSequence[] going)
    {
        GenerationSequence? late = _isOpen
            ? going.Where(sequence => _passCount - sequence.LastPass >= Patience).MinBy(sequence => sequence.LastPass)
            : null;
        GenerationSequence first = late
            ?? going.FirstOrDefault(sequence => !sequence.IsPrefilled)
            ?? going.FirstOrDefault(sequence => !sequence.IsPredictingImage)
            ?? going[0];
        return first.IsPrefilled ? [.. going.Where(sequence => sequence.IsPrefilled && sequence.IsLike(first))] : [first];
    }

    private void Pass(GenerationSequence[] rows)
    {
        _passCount++;
        Counter.Add(rows.Length);
        try
        {
            using IDisposable changed = EnterDeltas(rows);
            if (!rows[0].IsPrefilled)
            {
                if (_passes.Prefill(rows[0]) is { } states)
                {
                    Continue(rows, states);
                }
            }
            else if (rows[0].IsPredictingImage)
            {
                PredictImages(rows);
            }
            else
            {
                Continue(rows, _passes.Decode(rows));
            }
        }
        catch (Exception e) when (_isOpen)
        {
            foreach (GenerationSequence row in rows)
            {
                row.Fault ??= e;
            }
        }

        foreach (GenerationSequence row in rows)
        {
            row.LastPass = _passCount;
        }
    }

    private void PredictImages(GenerationSequence[] rows)
    {
        (Tensor embeddings, Tensor states) = _passes.PredictImages(rows);
        foreach ((int i, GenerationSequence row) in rows.Index())
        {
            Isolated(row, () => row.AddImage(embeddings[i].clone()));
        }

        long[] going = [.. rows.Index().Where(row => row.Item.IsGoing).Select(row => (long)row.Index)];
        if (going.Length > 0)
        {
            Continue([.. going.Select(i => rows[i])], states.index_select(0, tensor(going).to(states.device)));
        }
    }

    private void Continue(GenerationSequence[] rows, Tensor states)
    {
        // The vision end token is never sampled: it is appended after the image tokens.
        using IDisposable changed = EnterDeltas(rows);
        Tensor logits = _model.Logits(states).to(ScalarType.Float32, CPU);
        logits.narrow(1, _model.Configuration.VisionEndTokenId, 1).fill_(Scalars.Of(float.NegativeInfinity));
        foreach ((int i, GenerationSequence row) in rows.Index())
        {
            Isolated(row, () => row.Continue(logits[i]));
        }
    }

    // Each row is computed with the adapters of its own request. Nothing that a row leaves in the cache serves another one.
    private static IDisposable EnterDeltas(GenerationSequence[] rows) =>
        DeltaScope.Enter([.. rows.Select(row => row.Options.Deltas)]);

    // An error of one sequence, such as logits that are not numbers or an exception of an event handler, does not affect the
    // others.
    private void Isolated(GenerationSequence row, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (_isOpen)
        {
            row.Fault = e;
        }
    }
}
