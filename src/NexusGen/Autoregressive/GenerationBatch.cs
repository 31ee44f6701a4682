using NexusGen.Core;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Writes replies to a batch of prompts, a forward pass at a call. A picture takes ONE pass: its inputs are the learned
/// <c>image_prefill_embeds</c>, all known in advance, and attention is causal, so one pass over them gives exactly what one
/// token after the other gives (prefilled autoregression, section 3 of the paper).
/// </summary>
/// <remarks>A prompt's reply does not depend on what else is in the batch. Not safe for several threads.</remarks>
internal sealed class GenerationBatch : IDisposable
{
    // How many passes a reply of an open batch lets others go first at most.
    private const int Patience = 16;

    // All slots are as long as the longest needs. What that may take beyond need: 0.9 GB at the official sizes in bfloat16.
    private const long SpareTokens = 16_384;

    private readonly LanguageModel _model;
    private readonly KeyValueCache _cache;
    private readonly ForwardPasses _passes;
    private readonly List<GenerationSequence> _sequences = [];
    private readonly bool _isOpen;
    private long _passCount;

    /// <summary>A batch that has not begun.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompts">The prompts with how to reply to each.</param>
    /// <param name="tokenByToken">Draw one image token after the other, as the official code does; slower, and equal.</param>
    /// <exception cref="NexusGenException">A prompt does not fit its pictures or the model, or an option is out of range.</exception>
    public GenerationBatch(LanguageModel model, IReadOnlyList<(TokenizedPrompt Prompt, GenerationOptions Options)> prompts, bool tokenByToken = false)
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

    /// <summary>The replies.</summary>
    public IReadOnlyList<GenerationSequence> Sequences => _sequences;

    /// <summary>Counts the passes.</summary>
    internal PassCounter Counter { get; init; } = new();

    /// <summary>The language model.</summary>
    internal LanguageModel Model => _model;

    /// <summary>
    /// A batch without replies, which come and go while others are written. What goes wrong with one of them does not end the
    /// others: it is kept as its <see cref="GenerationSequence.Fault"/>.
    /// </summary>
    /// <param name="model">The language model.</param>
    /// <param name="counter">Counts the passes.</param>
    internal static GenerationBatch Open(LanguageModel model, PassCounter counter) => new(model, tokenByToken: false, isOpen: true) { Counter = counter };

    /// <summary>Does the next forward pass.</summary>
    /// <returns>Whether a reply is still going on.</returns>
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

    /// <summary>Adds a reply to an open batch.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How to reply.</param>
    /// <returns>The reply; null where it is so much longer or shorter than the others that it should not share their memory.</returns>
    /// <exception cref="NexusGenException">The prompt does not fit its pictures or the model, or an option is out of range.</exception>
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

        // In the order of their slots: neighbours attend at once.
        _sequences.Insert(_sequences.Count(other => other.Slot < sequence.Slot), sequence);
        return sequence;
    }

    /// <summary>Takes a reply out of an open batch and frees it, wherever it is.</summary>
    /// <param name="sequence">The reply.</param>
    internal void Remove(GenerationSequence sequence)
    {
        _sequences.Remove(sequence);
        sequence.Dispose();
    }

    // The token that begins a picture, its image tokens, the token that ends it.
    internal static int PassLength(LanguageModelConfiguration c) => c.ImageTokens + 2;

    private int FreeSlot() => Enumerable.Range(0, _sequences.Count + 1).First(slot => _sequences.All(sequence => sequence.Slot != slot));

    // Memory is taken anew for those that are here now and the one that comes; they move together.
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

    // Prompts are read first, one at a pass; then text is written, and pictures are drawn when nobody writes: so most come
    // together. In an open batch others may come for ever, so whoever has waited long goes first.
    private GenerationSequence[] Next(GenerationSequence[] going)
    {
        GenerationSequence? late = _isOpen ? going.Where(sequence => _passCount - sequence.LastPass >= Patience).MinBy(sequence => sequence.LastPass) : null;
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
        // The end of a picture is only ever forced.
        Tensor logits = _model.Logits(states).to(ScalarType.Float32, CPU);
        logits.narrow(1, _model.Configuration.VisionEndTokenId, 1).fill_(Scalars.Of(float.NegativeInfinity));
        foreach ((int i, GenerationSequence row) in rows.Index())
        {
            Isolated(row, () => row.Continue(logits[i]));
        }
    }

    // What goes wrong with one reply alone, scores that are not numbers or whoever listens, is its own affair.
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
