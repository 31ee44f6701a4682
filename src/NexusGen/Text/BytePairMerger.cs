namespace NexusGen.Text;

/// <summary>
/// Byte-pair encoding: of all neighbours that the rules can merge, those with the lowest rank are merged first, until none is
/// left. A heap finds them, so a piece of n symbols takes n·log n steps whatever it is. Thread-safe; a
/// <see cref="Workspace"/> is not.
/// </summary>
/// <param name="wholeRanks">
/// What happens when a merge makes a neighbour of a lower rank than its own. False: that one comes next, as in Hugging Face's
/// fast tokenizers. True: all merges of the present rank are done first, as in the Python ones.
/// </param>
internal sealed class BytePairMerger(bool wholeRanks)
{
    private const int Merged = int.MinValue;

    private readonly Dictionary<long, (int Rank, int Id)> _rules = [];

    /// <summary>Adds a rule, or gives a known pair a new rank.</summary>
    public void AddRule(int left, int right, int rank, int merged) => _rules[Key(left, right)] = (rank, merged);

    /// <summary>Makes room for a number of rules.</summary>
    public void EnsureCapacity(int rules) => _rules.EnsureCapacity(rules);

    /// <summary>Merges the symbols of one piece, which are overwritten, and appends what remains.</summary>
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

            // An entry may be older than its symbols: then the pair has another rank by now, or none.
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

    /// <summary>What one thread needs while it merges; to be used again for the next piece.</summary>
    public sealed class Workspace
    {
        /// <summary>Positions that may be merged, by rank and then from left to right.</summary>
        public PriorityQueue<int, long> Queue { get; } = new();

        /// <summary>Positions whose symbol was merged and whose new neighbours were not looked at yet.</summary>
        public List<int> Changed { get; } = [];

        /// <summary>The position before each; -1 before the first.</summary>
        public int[] Previous { get; private set; } = [];

        /// <summary>The position after each; the length after the last.</summary>
        public int[] Next { get; private set; } = [];

        /// <summary>The rank that was taken last.</summary>
        public int Rank { get; set; }

        /// <summary>Links the symbols of a new piece.</summary>
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

        /// <summary>Takes a position out of the links.</summary>
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
