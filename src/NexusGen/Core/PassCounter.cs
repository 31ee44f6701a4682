namespace NexusGen.Core;

/// <summary>
/// Counts forward passes and their rows: replies or pictures that were computed in them. Rows by passes is how many shared one.
/// Safe to read from any thread.
/// </summary>
internal sealed class PassCounter
{
    private long _passes;
    private long _rows;
    private long _mostRows;

    /// <summary>How many forward passes there were.</summary>
    public long Passes => Interlocked.Read(ref _passes);

    /// <summary>How many rows they had, all together.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>The most rows that a pass had.</summary>
    public long MostRows => Interlocked.Read(ref _mostRows);

    // Only the engine's thread adds.
    public void Add(long rows)
    {
        Interlocked.Exchange(ref _mostRows, Math.Max(_mostRows, rows));
        Interlocked.Increment(ref _passes);
        Interlocked.Add(ref _rows, rows);
    }
}
