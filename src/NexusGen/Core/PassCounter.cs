namespace NexusGen.Core;

/// <summary>
/// Counts forward passes and their rows, the sequences or images of a batch. Rows divided by passes is the mean batch size. The
/// counts may be read from any thread.
/// </summary>
internal sealed class PassCounter
{
    private long _passes;
    private long _rows;
    private long _mostRows;

    /// <summary>Gets the number of forward passes.</summary>
    public long Passes => Interlocked.Read(ref _passes);

    /// <summary>Gets the number of rows in all forward passes together.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Gets the largest number of rows in one forward pass.</summary>
    public long MostRows => Interlocked.Read(ref _mostRows);

    // Called by the engine's thread only.
    public void Add(long rows)
    {
        Interlocked.Exchange(ref _mostRows, Math.Max(_mostRows, rows));
        Interlocked.Increment(ref _passes);
        Interlocked.Add(ref _rows, rows);
    }
}
