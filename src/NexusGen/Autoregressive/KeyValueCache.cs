using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Keys and values of the tokens so far, for a fixed number of sequences (slots) of their own lengths. Memory is taken once;
/// new tokens are written into place.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly long[] _lengths;

    /// <summary>An empty cache.</summary>
    /// <param name="c">The model's sizes.</param>
    /// <param name="slots">How many sequences it holds.</param>
    /// <param name="capacity">The longest sequence, in tokens.</param>
    /// <param name="placement">Device and type.</param>
    public KeyValueCache(LanguageModelConfiguration c, int slots, long capacity, Placement placement)
    {
        // Zeros and not whatever the memory held: where sequences of several lengths run together, the shorter ones' places that
        // are not filled yet are masked, and a mask does not stop what isn't a number.
        Tensor New() => zeros([slots, c.NumKeyValueHeads, capacity, c.HeadWidth], dtype: placement.Precision, device: placement.Device).DetachFromDisposeScope();
        Capacity = capacity;
        _lengths = new long[slots];
        _keys = [.. Enumerable.Range(0, c.NumHiddenLayers).Select(_ => New())];
        _values = [.. Enumerable.Range(0, c.NumHiddenLayers).Select(_ => New())];
    }

    /// <summary>The longest sequence, in tokens.</summary>
    public long Capacity { get; }

    /// <summary>How many sequences it holds.</summary>
    public int Slots => _lengths.Length;

    /// <summary>How many tokens a slot holds.</summary>
    /// <param name="slot">The slot.</param>
    public long Length(int slot) => _lengths[slot];

    /// <summary>Forgets a slot's tokens.</summary>
    /// <param name="slot">The slot.</param>
    public void Clear(int slot) => _lengths[slot] = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>
    /// The attention of one forward pass that appends <paramref name="length"/> tokens to some slots, for each layer in turn.
    /// Call <see cref="Advance"/> when all layers have run.
    /// </summary>
    /// <param name="slots">The slots, one a row of the batch.</param>
    /// <param name="length">How many tokens each gets.</param>
    internal Func<int, AttentionFunction> Append(IReadOnlyList<int> slots, long length)
    {
        bool one = slots.Count == 1;
        long[] starts = [.. slots.Select(slot => _lengths[slot])];
        long longest = starts.Max() + length;
        if (longest > Capacity)
        {
            throw new NexusGenException($"The sequence has grown to {longest} tokens, more than the {Capacity} that were set aside for it.");
        }

        // One sequence needs no mask: a single query sees all keys, and the first tokens of a sequence see only themselves.
        Tensor? mask = one && (length == 1 || starts[0] == 0) ? null : Mask(starts, length, longest);
        return layer => (q, k, v) =>
        {
            for (int row = 0; row < slots.Count; row++)
            {
                _keys[layer][slots[row]].narrow(1, starts[row], length).copy_(k[row]);
                _values[layer][slots[row]].narrow(1, starts[row], length).copy_(v[row]);
            }

            if (one && starts[0] == 0)
            {
                return Ops.Attention(q, k, v, causal: length > 1);
            }

            Tensor keys = Rows(_keys[layer], slots, longest), values = Rows(_values[layer], slots, longest);
            return length == 1 ? AttendGrouped(q, keys, values, mask) : Ops.Attention(q, keys, values, mask);
        };
    }

    /// <summary>Counts the tokens that a pass appended.</summary>
    internal void Advance(IReadOnlyList<int> slots, long length)
    {
        foreach (int slot in slots)
        {
            _lengths[slot] += length;
        }
    }

    // Queries that share keys stand side by side as if they were tokens, so that keys and values need not be repeated.
    private static Tensor AttendGrouped(Tensor q, Tensor keys, Tensor values, Tensor? mask)
    {
        long batch = q.shape[0], heads = keys.shape[1], width = q.shape[3];
        Tensor grouped = q.view(batch, heads, -1, width);
        return Ops.Attention(grouped, keys, values, mask).view(batch, -1, 1, width);
    }

    private static Tensor Rows(Tensor stored, IReadOnlyList<int> slots, long length)
    {
        bool consecutive = Enumerable.Range(1, slots.Count - 1).All(i => slots[i] == slots[0] + i);
        Tensor rows = consecutive
            ? stored.narrow(0, slots[0], slots.Count)
            : stored.index_select(0, tensor(slots.Select(slot => (long)slot).ToArray()).to(stored.device));
        return rows.narrow(2, 0, length);
    }

    // [batch, 1, length, keys]: a new token sees what its own sequence holds up to itself.
    private Tensor Mask(long[] starts, long length, long longest)
    {
        Device device = _keys[0].device;
        Tensor last = tensor(starts).to(device).view(-1, 1, 1, 1) + arange(length, device: device).view(1, 1, -1, 1);
        return arange(longest, device: device).view(1, 1, 1, -1) <= last;
    }
}
