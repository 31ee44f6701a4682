namespace NexusGen.Text;

/// <summary>
/// Byte-pair encoding: repeatedly merges the adjacent pair with the lowest rank until no rule applies. The pairs are kept in a
/// heap, so a piece of n symbols takes O(n log n) time whatever it contains. Thread-safe, but a <see cref="Workspace"/> is not.
/// </summary>
/// <param name="wholeRanks">
/// What happens if a merge creates a pair whose rank is lower than the current one. False: that pair is merged next, as in the
/// fast tokenizers of Hugging Face. True: all pairs of the current rank are merged first, as in the Python tokenizers.
/// </param>
internal sealed class BytePairMerger(bool wholeRanks)
{
    private const int Merged = int.MinValue;

    private readonly Dictionary<long, (int Rank, int Id)> _rules = [];

    /// <summary>Adds a merge rule, or replaces the rule of a pair that is already known.</summary>
    public void AddRule(int left, int right, int rank, int merged) => _rules[Key(left, right)] = (rank, merged);

    /// <summary>Ensures that the specified number of rules can be stored without growing.</summary>
    public void EnsureCapacity(int rules) => _rules.EnsureCapacity(rules);

    /// <summary>
    /// Merges the symbols of one piece, which are overwritten, and appends the resulting symbols to the output.
    /// </summary>
    public void Merge(Span<int> symbols, Workspace workspace, List<int> output)
    {
        workspace.Start(symbols.Length);
        for (int position = 0; position < symbols.Length - 1; position++)
        {
            Offer(position, symbols, workspace);
        }

        while (TryTake(symbols, workspace, out int position, out int rank))
        {
            int next = workspace.Next[position];
            if (symbols[position] == Merged || next == symbols.Length)
            {
                continue;
            }

            // An entry can be older than its symbols. In that case the pair now has another rank, or no rule at all.
            if (_rules.TryGetValue(Key(symbols[position], symbols[next]), out (int Rank, int Id) rule) && rule.Rank == rank)
            {
                symbols[position] = rule.Id;
                symbols[next] = Merged;
                workspace.Unlink(next, symbols.Length);
                workspace.Changed.Add(position);
            }
        }

        foreach (int symbol in symbols)
        {
            if (symbol != Merged)
            {
                output.Add(symbol);
            }
        }
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private bool TryTake(Span<int> symbols, Workspace workspace, out int position, out int rank)
    {
        PriorityQueue<int, long> queue = workspace.Queue;
        bool sameRank = queue.TryPeek(out _, out long first) && (int)(first >> 32) == workspace.Rank;
        if (!(wholeRanks && sameRank))
        {
            foreach (int changed in workspace.Changed)
            {
                Offer(workspace.Previous[changed], symbols, workspace);
                Offer(changed, symbols, workspace);
            }

            workspace.Changed.Clear();
        }

        bool taken = queue.TryDequeue(out position, out long priority);
        rank = workspace.Rank = (int)(priority >> 32);
        return taken;
    }

    private void Offer(int position, Span<int> symbols, Workspace workspace)
    {
        if (position < 0 || symbols[position] == Merged || workspace.Next[position] == symbols.Length)
        {
            return;
        }

        if (_rules.TryGetValue(Key(symbols[position], symbols[workspace.Next[position]]), out (int Rank, int Id) rule))
        {
            workspace.Queue.Enqueue(position, ((long)rule.Rank << 32) | (uint)position);
        }
    }

    /// <summary>The buffers that one thread needs for merging. They can be reused for the next piece.</summary>
    public sealed class Workspace
    {
        /// <summary>Gets the positions of mergeable pairs, ordered by rank and then from left to right.</summary>
        public PriorityQueue<int, long> Queue { get; } = new();

        /// <summary>Gets the positions that were merged and whose new neighbors have not been queued yet.</summary>
        public List<int> Changed { get; } = [];

        /// <summary>Gets the previous position of each position, or -1 for the first one.</summary>
        public int[] Previous { get; private set; } = [];

        /// <summary>Gets the next position of each position, or the length of the piece for the last one.</summary>
        public int[] Next { get; private set; } = [];

        /// <summary>Gets or sets the rank of the entry that was dequeued last.</summary>
        public int Rank { get; set; }

        /// <summary>Resets the workspace and links the symbols of a new piece.</summary>
        public void Start(int length)
        {
            if (Next.Length < length)
            {
                Previous = new int[Math.Max(length, 64)];
                Next = new int[Previous.Length];
            }

            for (int position = 0; position < length; position++)
            {
                Previous[position] = position - 1;
                Next[position] = position + 1;
            }

            Queue.Clear();
            Changed.Clear();
            Rank = -1;
        }

        /// <summary>Removes a position from the linked list.</summary>
        public void Unlink(int position, int length)
        {
            int previous = Previous[position];
            int next = Next[position];
            Next[previous] = next;
            if (next < length)
            {
                Previous[next] = previous;
            }
        }
    }
}
