using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// The key-value cache: keys and values of the tokens so far, for a number of slots whose sequences may have different lengths.
/// The memory is allocated once, and again only by <see cref="Resize"/>. New tokens are written in place, and a cleared slot can
/// serve another sequence.
/// </summary>
/// <remarks>It stores no gradients: it is for inference only.</remarks>
internal sealed class KeyValueCache : IDisposable
{
    private const int BlankedAhead = 64;

    private Tensor[] _keys;
    private Tensor[] _values;
    private long[] _lengths;

    // The length up to which the memory of each slot is initialized, with keys and values or with zeros. Beyond it the memory may
    // hold anything, including NaN.
    private long[] _written;

    /// <summary>Initializes an empty cache.</summary>
    /// <param name="c">The configuration of the model.</param>
    /// <param name="slots">The number of slots.</param>
    /// <param name="capacity">The largest length of a sequence, in tokens.</param>
    /// <param name="placement">The device and the element type.</param>
    public KeyValueCache(LanguageModelConfiguration c, int slots, long capacity, Placement placement)
    {
        Capacity = capacity;
        _lengths = new long[slots];
        _written = new long[slots];
        Tensor[] New() =>
        [
            .. Enumerable.Range(0, c.NumHiddenLayers).Select(_ =>
                empty([slots, c.NumKeyValueHeads, capacity, c.HeadWidth], dtype: placement.Precision, device: placement.Device)
                    .DetachFromDisposeScope())
        ];
        _keys = New();
        _values = New();
    }

    /// <summary>Gets the largest length of a sequence, in tokens.</summary>
    public long Capacity { get; private set; }

    /// <summary>Gets the number of slots.</summary>
    public int Slots => _lengths.Length;

    /// <summary>Returns the number of tokens in a slot.</summary>
    /// <param name="slot">The slot.</param>
    public long Length(int slot) => _lengths[slot];

    /// <summary>Removes the tokens of a slot.</summary>
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

    /// <summary>
    /// Allocates new memory and copies the tokens of the slots that are kept. If the allocation fails, the cache stays unchanged.
    /// </summary>
    /// <param name="kept">The slots that are kept; they become the first ones, in this order.</param>
    /// <param name="slots">The new number of slots.</param>
    /// <param name="capacity">The new largest length of a sequence, in tokens.</param>
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
    /// Returns the attention, for each layer, of one forward pass that appends <paramref name="length"/> tokens to some slots.
    /// Call <see cref="Advance"/> after all layers have run.
    /// </summary>
    /// <param name="slots">The slots, one for each row of the batch.</param>
    /// <param name="length">The number of tokens that each slot gets.</param>
    internal Func<int, AttentionFunction> Append(IReadOnlyList<int> slots, long length)
    {
        long[] starts = [.. slots.Select(slot => _lengths[slot])];
        long longest = starts.Max() + length;
        if (longest > Capacity)
        {
            throw new NexusGenException(
                $"The sequence has grown to {longest} tokens, more than the {Capacity} that were set aside for it.");
        }

        // The first tokens of a sequence attend only to one another: nothing is read from the cache, and the mask is only causal.
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

    /// <summary>Adds the tokens that a pass appended to the lengths of the slots.</summary>
    internal void Advance(IReadOnlyList<int> slots, long length)
    {
        foreach (int slot in slots)
        {
            _lengths[slot] += length;
            _written[slot] = Math.Max(_written[slot], _lengths[slot]);
        }
    }

    // Rows of neighbouring slots attend together, directly on the stored keys and values. If the slots have gaps, because
    // sequences in between pause or have ended, each stretch attends separately: gathering would copy all stored keys and values
    // in each layer for each token.
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

    // A shorter row is masked up to the longest, but even a weight of 0 propagates a NaN. Such positions are zeroed once, and
    // some more after them, to avoid doing it for each token.
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

        // The queries that share a key head are passed as if they were tokens, so keys and values need not be repeated. On CUDA
        // the result of attention is laid out token by token, hence reshape and not view.
        Tensor grouped = q.view(q.shape[0], keys.shape[1], -1, q.shape[3]);
        return Ops.Attention(grouped, keys, values, stretch.Mask).reshape(q.shape);
    }

    // The mask that is added to the scores, [rows, 1, length, keys]: a new token attends to its own sequence up to itself. null
    // if nothing has to be masked.
    private Tensor? Mask(long[] starts, long length)
    {
        if (length == 1 && starts.All(start => start == starts[0]))
        {
            return null;
        }

        Tensor like = _keys[0];
        Tensor last = tensor(starts).to(like.device).view(-1, 1, 1, 1)
            .Plus(Arithmetic.Range(length, device: like.device).view(1, 1, -1, 1));
        Tensor hidden = Arithmetic.Range(starts.Max() + length, device: like.device).view(1, 1, 1, -1) > last;
        return zeros(hidden.shape, dtype: like.dtype, device: like.device)
            .masked_fill_(hidden, Scalars.Of(double.NegativeInfinity));
    }

    /// <summary>Consecutive rows of a batch whose slots are neighbours.</summary>
    private sealed record Stretch(int Row, int Count, int Slot, long Keys, Tensor? Mask);
}
