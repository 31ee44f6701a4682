using NexusGen.Core;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Keeps the blocks of one model within a number of bytes. Blocks are used in a fixed order, again and again; as many of
/// them as fit stay, the others are read one ahead of their use while their neighbours compute, and dropped after it.
/// </summary>
/// <remarks>
/// Of a cycle that does not fit, "least recently used" would always drop what is needed soonest. So which blocks stay is
/// fixed once, and those that don't are spread evenly, so that reading overlaps with as much computing as possible.
/// One thread asks for blocks at a time.
/// </remarks>
public sealed class BlockResidency : IDisposable
{
    private readonly List<Slot> _slots = [];
    private readonly long _budget;
    private bool _planned;

    /// <summary>A residency with its budget.</summary>
    /// <param name="budget">How many bytes all resident blocks may take together.</param>
    public BlockResidency(long budget) => _budget = budget;

    /// <summary>How many blocks are read at each use instead of staying; known after the first use.</summary>
    public int StreamedBlocks => _slots.Count(slot => slot.Streamed);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Slot slot in _slots)
        {
            slot.Drop();
        }
    }

    /// <summary>Adds a block after those added before.</summary>
    /// <param name="byteLength">Its size when loaded.</param>
    /// <param name="load">Loads it; called on another thread.</param>
    /// <returns>Its number.</returns>
    internal int Add(long byteLength, Func<Module> load)
    {
        _slots.Add(new Slot(byteLength, load));
        _planned = false;
        return _slots.Count - 1;
    }

    /// <summary>A block, ready for use until the next call.</summary>
    /// <param name="number">Its number.</param>
    /// <exception cref="NexusGenException">The budget does not even hold two neighbouring blocks.</exception>
    internal Module Acquire(int number)
    {
        if (!_planned)
        {
            Plan();
        }

        Slot slot = _slots[number];
        int next = NextStreamed(number);
        for (int i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].Streamed && i != number && i != next)
            {
                _slots[i].Drop();
            }
        }

        // Started first, so that at the very first use the block asked for is not read behind the one after it.
        Task<Module> loading = slot.Start();
        Module block = loading.GetAwaiter().GetResult();
        if (next >= 0)
        {
            _ = _slots[next].Start();
        }

        return block;
    }

    private int NextStreamed(int number)
    {
        for (int step = 1; step < _slots.Count; step++)
        {
            int candidate = (number + step) % _slots.Count;
            if (_slots[candidate].Streamed)
            {
                return candidate;
            }
        }

        return -1;
    }

    private void Plan()
    {
        for (int streamed = 0; streamed <= _slots.Count; streamed++)
        {
            for (int i = 0; i < _slots.Count; i++)
            {
                // Evenly spaced: block i is streamed where the count of streamed blocks grows from i to i + 1.
                _slots[i].Streamed = ((long)(i + 1) * streamed / _slots.Count) > ((long)i * streamed / _slots.Count);
            }

            long window = 2 * _slots.Where(slot => slot.Streamed).Select(slot => slot.ByteLength).DefaultIfEmpty(0).Max();
            if (window + _slots.Where(slot => !slot.Streamed).Sum(slot => slot.ByteLength) <= _budget)
            {
                _planned = true;
                return;
            }
        }

        long least = 2 * _slots.Max(slot => slot.ByteLength);
        throw new NexusGenException(
            $"The memory budget leaves {_budget / 1e9:0.0} GB for the transformer blocks, but the one in use and the one that is read ahead "
            + $"take {least / 1e9:0.0} GB: raise the budget by {(least - _budget) / 1e9:0.0} GB, or store the weights in fewer bits.");
    }

    private sealed class Slot(long byteLength, Func<Module> load)
    {
        private Task<Module>? _loading;

        public long ByteLength { get; } = byteLength;

        public bool Streamed { get; set; }

        // On another thread even where the caller waits at once: a module built on the caller's thread would belong to
        // the dispose scope that is open there.
        public Task<Module> Start() => _loading ??= Task.Run(load);

        public void Drop()
        {
            Task<Module>? loading = _loading;
            _loading = null;
            if (loading is not null)
            {
                ((IAsyncResult)loading).AsyncWaitHandle.WaitOne();
                if (loading.IsCompletedSuccessfully)
                {
                    loading.Result.Dispose();
                }
            }
        }
    }
}
