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
public sealed class ReplyBatch : IDisposable
{
    // How many passes a reply of an open batch lets others go first at most.
    private const int Patience = 16;

    // All slots are as long as the longest needs. What that may take beyond need: 0.9 GB at the official sizes in bfloat16.
    private const long SpareTokens = 16_384;

    private readonly LanguageModel _model;
    private readonly KeyValueCache _cache;
    private readonly ReplyPasses _passes;
    private readonly List<ReplySequence> _sequences = [];
    private readonly bool _isOpen;
    private long _passCount;

    /// <summary>A batch that has not begun.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompts">The prompts with how to reply to each.</param>
    /// <param name="tokenByToken">Draw one image token after the other, as the official code does; slower, and equal.</param>
    /// <exception cref="NexusGenException">A prompt does not fit its pictures or the model, or an option is out of range.</exception>
    public ReplyBatch(LanguageModel model, IReadOnlyList<(ReplyPrompt Prompt, ReplyOptions Options)> prompts, bool tokenByToken = false)
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

            foreach ((ReplyPrompt prompt, ReplyOptions options) in prompts)
            {
                ReplyChecks.Check(prompt, options, c);
            }

            foreach ((ReplyPrompt prompt, ReplyOptions options) in prompts)
            {
                _sequences.Add(new ReplySequence(prompt, options, c, _sequences.Count));
            }

            _cache.Resize([], prompts.Count, _sequences.Max(sequence => sequence.Need));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private ReplyBatch(LanguageModel model, bool tokenByToken, bool isOpen)
    {
        _model = model;
        _isOpen = isOpen;
        _cache = new KeyValueCache(model.Configuration, 0, 0, model.Placement);
        _passes = new ReplyPasses(model, _cache, tokenByToken);
    }

    /// <summary>A token was written: the row of the batch, and the token. Not raised for the tokens of pictures.</summary>
    public event Action<int, int>? TokenWritten;

    /// <summary>A picture was drawn: the row of the batch, and its number in the reply.</summary>
    public event Action<int, int>? PictureDrawn;

    /// <summary>A reply ended: the row of the batch, and why. Raised after its last token or picture.</summary>
    public event Action<int, FinishReason>? Finished;

    /// <summary>The replies.</summary>
    public IReadOnlyList<ReplySequence> Sequences => _sequences;

    /// <summary>Counts the passes.</summary>
    internal PassCounter Counter { get; init; } = new();

    /// <summary>The language model.</summary>
    internal LanguageModel Model => _model;

    /// <summary>
    /// A batch without replies, which come and go while others are written. What goes wrong with one of them does not end the
    /// others: it is kept as its <see cref="ReplySequence.Fault"/>.
    /// </summary>
    /// <param name="model">The language model.</param>
    /// <param name="counter">Counts the passes.</param>
    internal static ReplyBatch Open(LanguageModel model, PassCounter counter) => new(model, tokenByToken: false, isOpen: true) { Counter = counter };

    /// <summary>Does the next forward pass.</summary>
    /// <returns>Whether a reply is still going on.</returns>
    public bool Step()
    {
        using var scope = NewDisposeScope();
        ReplySequence[] going = [.. _sequences.Where(sequence => sequence.IsGoing)];
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
        foreach (ReplySequence sequence in _sequences)
        {
            sequence.Dispose();
        }
    }

    /// <summary>Adds a reply to an open batch.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How to reply.</param>
    /// <returns>The reply; null where it is so much longer or shorter than the others that it should not share their memory.</returns>
    /// <exception cref="NexusGenException">The prompt does not fit its pictures or the model, or an option is out of range.</exception>
    internal ReplySequence? TryAdd(ReplyPrompt prompt, ReplyOptions options)
    {
        using var scope = NewDisposeScope();
        ReplyChecks.Check(prompt, options, _model.Configuration);
        var sequence = new ReplySequence(prompt, options, _model.Configuration, FreeSlot()) { LastPass = _passCount };
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
    internal void Remove(ReplySequence sequence)
    {
        _sequences.Remove(sequence);
        sequence.Dispose();
    }

    // The token that begins a picture, its image tokens, the token that ends it.
    internal static int PassLength(LanguageModelConfiguration c) => c.ImageTokens + 2;

    private int FreeSlot() => Enumerable.Range(0, _sequences.Count + 1).First(slot => _sequences.All(sequence => sequence.Slot != slot));

    // Memory is taken anew for those that are here now and the one that comes; they move together.
    private bool TryGrow(ReplySequence added)
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
    private ReplySequence[] Next(ReplySequence[] going)
    {
        ReplySequence? late = _isOpen ? going.Where(sequence => _passCount - sequence.LastPass >= Patience).MinBy(sequence => sequence.LastPass) : null;
        ReplySequence first = late
            ?? going.FirstOrDefault(sequence => !sequence.IsPrefilled)
            ?? going.FirstOrDefault(sequence => !sequence.IsDrawing)
            ?? going[0];
        return first.IsPrefilled ? [.. going.Where(sequence => sequence.IsPrefilled && sequence.IsLike(first))] : [first];
    }

    private void Pass(ReplySequence[] rows)
    {
        _passCount++;
        Counter.Add(rows.Length);
        try
        {
            if (!rows[0].IsPrefilled)
            {
                if (_passes.Read(rows[0]) is { } states)
                {
                    Continue(rows, states);
                }
            }
            else if (rows[0].IsDrawing)
            {
                Draw(rows);
            }
            else
            {
                Continue(rows, _passes.Write(rows));
            }
        }
        catch (Exception e) when (_isOpen)
        {
            foreach (ReplySequence row in rows)
            {
                row.Fault ??= e;
            }
        }

        foreach (ReplySequence row in rows)
        {
            row.LastPass = _passCount;
        }
    }

    private void Draw(ReplySequence[] rows)
    {
        (Tensor embeddings, Tensor states) = _passes.Draw(rows);
        foreach ((int i, ReplySequence row) in rows.Index())
        {
            Isolated(row, () =>
            {
                row.Draw(embeddings[i].clone());
                PictureDrawn?.Invoke(row.Slot, row.Drawn.Count - 1);
                TellIfFinished(row);
            });
        }

        long[] going = [.. rows.Index().Where(row => row.Item.IsGoing).Select(row => (long)row.Index)];
        if (going.Length > 0)
        {
            Continue([.. going.Select(i => rows[i])], states.index_select(0, tensor(going).to(states.device)));
        }
    }

    private void Continue(ReplySequence[] rows, Tensor states)
    {
        // The end of a picture is only ever forced.
        Tensor logits = _model.Logits(states).to(ScalarType.Float32, CPU);
        logits.narrow(1, _model.Configuration.VisionEndTokenId, 1).fill_(Scalars.Of(float.NegativeInfinity));
        foreach ((int i, ReplySequence row) in rows.Index())
        {
            Isolated(row, () =>
            {
                int token = row.Continue(logits[i]);
                TokenWritten?.Invoke(row.Slot, token);
                TellIfFinished(row);
            });
        }
    }

    // What goes wrong with one reply alone, scores that are not numbers or whoever listens, is its own affair.
    private void Isolated(ReplySequence row, Action act)
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

    private void TellIfFinished(ReplySequence sequence)
    {
        if (sequence.Finish is { } reason)
        {
            Finished?.Invoke(sequence.Slot, reason);
        }
    }
}
