using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Keys and values of the tokens so far, for a number of sequences (slots) of their own lengths. Memory is taken once, and anew
/// only where other sequences come; new tokens are written into place, and a slot that is cleared serves another sequence.
/// </summary>
/// <remarks>It keeps no gradients: what is written here is for inference.</remarks>
public sealed class KeyValueCache : IDisposable
{
    private const int BlankedAhead = 64;

    private Tensor[] _keys;
    private Tensor[] _values;
    private long[] _lengths;

    // Up to where each slot's memory holds what its sequence wrote, or zeros. What lies beyond may be anything, NaN too.
    private long[] _written;

    /// <summary>An empty cache.</summary>
    /// <param name="c">The model's sizes.</param>
    /// <param name="slots">How many sequences it holds.</param>
    /// <param name="capacity">The longest sequence, in tokens.</param>
    /// <param name="placement">Device and type.</param>
    public KeyValueCache(LanguageModelConfiguration c, int slots, long capacity, Placement placement)
    {
        Capacity = capacity;
        _lengths = new long[slots];
        _written = new long[slots];
        Tensor[] New() => [.. Enumerable.Range(0, c.NumHiddenLayers).Select(_ =>
            empty([slots, c.NumKeyValueHeads, capacity, c.HeadWidth], dtype: placement.Precision, device: placement.Device).DetachFromDisposeScope())];
        _keys = New();
        _values = New();
    }

    /// <summary>The longest sequence, in tokens.</summary>
    public long Capacity { get; private set; }

    /// <summary>How many sequences it holds.</summary>
    public int Slots => _lengths.Length;

    /// <summary>How many tokens a slot holds.</summary>
    /// <param name="slot">The slot.</param>
    public long Length(int slot) => _lengths[slot];

    /// <summary>Forgets a slot's tokens.</summary>
    /// <param name="slot">The slot.</param>
    public void Clear(int slot) => _lengths[slot] = _written[slot] = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Takes memory anew. Of what is kept only the tokens are copied; where there is no memory, all stays as it was.</summary>
    /// <param name="kept">The slots that are kept; they become the first ones, in this order.</param>
    /// <param name="slots">How many sequences it holds from now on.</param>
    /// <param name="capacity">The longest sequence from now on, in tokens.</param>
    internal void Resize(IReadOnlyList<int> kept, int slots, long capacity)
    {
        using var scope = NewDisposeScope();
        long[] lengths = new long[slots];
        for (int slot = 0; slot < kept.Count; slot++)
        {
            lengths[slot] = _lengths[kept[slot]];
        }

        Tensor Copy(Tensor old)
        {
            Tensor larger = empty([slots, old.shape[1], capacity, old.shape[3]], dtype: old.dtype, device: old.device);
            for (int slot = 0; slot < kept.Count; slot++)
            {
                larger[slot].narrow(1, 0, lengths[slot]).copy_(old[kept[slot]].narrow(1, 0, lengths[slot]));
            }

            return larger;
        }

        Tensor[] keys = [.. _keys.Select(Copy)], values = [.. _values.Select(Copy)];
        Dispose();
        _keys = [.. keys.Select(tensor => tensor.DetachFromDisposeScope())];
        _values = [.. values.Select(tensor => tensor.DetachFromDisposeScope())];
        _lengths = lengths;
        _written = [.. lengths];
        Capacity = capacity;
    }

    /// <summary>
    /// The attention of one forward pass that appends <paramref name="length"/> tokens to some slots, for each layer in turn.
    /// Call <see cref="Advance"/> when all layers have run.
    /// </summary>
    /// <param name="slots">The slots, one a row of the batch.</param>
    /// <param name="length">How many tokens each gets.</param>
    internal Func<int, AttentionFunction> Append(IReadOnlyList<int> slots, long length)
    {
        long[] starts = [.. slots.Select(slot => _lengths[slot])];
        long longest = starts.Max() + length;
        if (longest > Capacity)
        {
            throw new NexusGenException($"The sequence has grown to {longest} tokens, more than the {Capacity} that were set aside for it.");
        }

        // The first tokens of a sequence see only one another: there is nothing to gather, and causality is all the mask.
        bool fresh = starts.All(start => start == 0);
        Stretch[] stretches = fresh ? [] : Stretches(slots, starts, length);
        return layer => (q, k, v) =>
        {
            for (int row = 0; row < slots.Count; row++)
            {
                _keys[layer][slots[row]].narrow(1, starts[row], length).copy_(k[row]);
                _values[layer][slots[row]].narrow(1, starts[row], length).copy_(v[row]);
            }

            return fresh ? Ops.Attention(q, k, v, causal: length > 1)
                : stretches.Length == 1 ? Attend(stretches[0], q, layer)
                : cat([.. stretches.Select(stretch => Attend(stretch, q.narrow(0, stretch.Row, stretch.Count), layer))], 0);
        };
    }

    /// <summary>Counts the tokens that a pass appended.</summary>
    internal void Advance(IReadOnlyList<int> slots, long length)
    {
        foreach (int slot in slots)
        {
            _lengths[slot] += length;
            _written[slot] = Math.Max(_written[slot], _lengths[slot]);
        }
    }

    // Rows whose slots are neighbours attend at once, straight from the stored keys and values; where rows between them rest or
    // have ended, in several goes, since gathering would copy all that is stored, in each layer, for each token.
    private Stretch[] Stretches(IReadOnlyList<int> slots, long[] starts, long length)
    {
        List<Stretch> stretches = [];
        for (int row = 0; row < slots.Count;)
        {
            int end = row + 1;
            while (end < slots.Count && slots[end] == slots[end - 1] + 1)
            {
                end++;
            }

            long[] own = starts[row..end];
            long keys = own.Max() + length;
            for (int i = row; own.Length > 1 && i < end; i++)
            {
                Blank(slots[i], keys);
            }

            stretches.Add(new Stretch(row, end - row, slots[row], keys, Mask(own, length)));
            row = end;
        }

        return [.. stretches];
    }

    // A shorter row is masked up to the longest, but even a weight of 0 keeps a NaN: such places are zeroed, once, and some
    // further on with them, so that it is not done again for each token.
    private void Blank(int slot, long needed)
    {
        if (needed <= _written[slot])
        {
            return;
        }

        long end = Math.Min(Capacity, needed + BlankedAhead);

        foreach (Tensor stored in _keys.Concat(_values))
        {
            stored[slot].narrow(1, _written[slot], end - _written[slot]).zero_();
        }

        _written[slot] = end;
    }

    private Tensor Attend(Stretch stretch, Tensor q, int layer)
    {
        Tensor keys = _keys[layer].narrow(0, stretch.Slot, stretch.Count).narrow(2, 0, stretch.Keys);
        Tensor values = _values[layer].narrow(0, stretch.Slot, stretch.Count).narrow(2, 0, stretch.Keys);
        if (q.shape[2] != 1)
        {
            return Ops.Attention(q, keys, values, stretch.Mask);
        }

        // Queries that share keys stand side by side as if they were tokens, so that keys and values need not be repeated. On CUDA
        // what attention returns is laid out token by token.
        Tensor grouped = q.view(q.shape[0], keys.shape[1], -1, q.shape[3]);
        return Ops.Attention(grouped, keys, values, stretch.Mask).reshape(q.shape);
    }

    // [rows, 1, length, keys], to be added: a new token sees what its own sequence holds up to itself. None where all is seen.
    private Tensor? Mask(long[] starts, long length)
    {
        if (length == 1 && starts.All(start => start == starts[0]))
        {
            return null;
        }

        Tensor like = _keys[0];
        Tensor last = tensor(starts).to(like.device).view(-1, 1, 1, 1).Plus(Arithmetic.Range(length, device: like.device).view(1, 1, -1, 1));
        Tensor hidden = Arithmetic.Range(starts.Max() + length, device: like.device).view(1, 1, 1, -1) > last;
        return zeros(hidden.shape, dtype: like.dtype, device: like.device).masked_fill_(hidden, Scalars.Of(double.NegativeInfinity));
    }

    /// <summary>Rows of a batch whose slots are neighbours.</summary>
    private sealed record Stretch(int Row, int Count, int Slot, long Keys, Tensor? Mask);
}
