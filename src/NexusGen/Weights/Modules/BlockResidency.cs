using NexusGen.Core;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Keeps the blocks of one model within a memory budget. Blocks are used in a fixed order, again and again. As many as fit stay
/// in memory; the others are streamed: each is read ahead while the blocks before it compute, and unloaded after its use.
/// </summary>
/// <remarks>
/// For a cycle that does not fit, "least recently used" would always evict the block that is needed soonest. Therefore, which
/// blocks stay is fixed once, and the others are spread evenly, so that reading overlaps with as much computation as possible.
/// Only one thread may request blocks at a time. In a backward pass, which uses the blocks in the other direction, the blocks
/// before are read ahead.
/// </remarks>
internal sealed class BlockResidency : IDisposable
{
    private readonly List<Slot> _slots = [];
    private readonly long _budget;
    private bool _planned;
    private bool _backwards;
    private int _previous;

    /// <summary>Initializes a residency with its budget.</summary>
    /// <param name="budget">The number of bytes that all loaded blocks may take together.</param>
    public BlockResidency(long budget) => _budget = budget;

    /// <summary>
    /// Gets the number of blocks that are read at each use instead of staying in memory; known after the first use.
    /// </summary>
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
    /// <param name="byteLength">The size of the loaded block in bytes.</param>
    /// <param name="load">Loads the block; called on another thread.</param>
    /// <returns>The number of the block.</returns>
    internal int Add(long byteLength, Func<Module> load)
    {
        _slots.Add(new Slot(byteLength, load));
        _planned = false;
        return _slots.Count - 1;
    }

    /// <summary>Returns a loaded block, which is valid until the next call.</summary>
    /// <param name="number">The number of the block.</param>
    /// <exception cref="NexusGenException">The budget does not hold even two blocks of the largest size.</exception>
    internal Module Acquire(int number)
    {
        if (!_planned)
        {
            Plan();
        }

        // A backward pass of a training uses the blocks from the last to the first.
        if (number != _previous)
        {
            _backwards = _slots.Count > 2 && (_previous - number + _slots.Count) % _slots.Count == 1;
            _previous = number;
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

        // Started first, so that at the very first use the requested block does not wait for the one after it.
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
            int candidate = (number + (_backwards ? _slots.Count - step : step)) % _slots.Count;
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
                // Evenly spaced: block i is streamed if the number of streamed blocks grows from i to i + 1.
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
            $"The memory budget leaves {_budget / 1e9:0.0} GB for the transformer blocks, but the one in use and the one that is "
            + $"read ahead take {least / 1e9:0.0} GB; raise the budget by {(least - _budget) / 1e9:0.0} GB, "
            + "or store the weights in fewer bits.");
    }

    private sealed class Slot(long byteLength, Func<Module> load)
    {
        private Task<Module>? _loading;

        public long ByteLength { get; } = byteLength;

        public bool Streamed { get; set; }

        // On another thread even if the caller waits at once: a module built on the caller's thread would belong to the dispose
        // scope that is open there.
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
