namespace NexusGen.Weights;

/// <summary>
/// A storage type that keeps several values together in a block of bytes, with scales of their own. The values are float32 once
/// they are widened. Thread-safe.
/// </summary>
/// <param name="name">The name that the tools use, for example <c>Q4_K</c>.</param>
/// <param name="values">The number of values of a block.</param>
/// <param name="bytes">The number of bytes of a block.</param>
/// <param name="widen">Computes the values of a block, or null if the type can only be listed.</param>
internal sealed unsafe class BlockFormat(string name, int values, int bytes, BlockFormat.Widener? widen)
{
    /// <summary>Computes the values of one block.</summary>
    /// <param name="block">The bytes of the block.</param>
    /// <param name="values">The memory that receives the values.</param>
    public delegate void Widener(byte* block, float* values);

    /// <summary>Gets the name that the tools use.</summary>
    public string Name => name;

    /// <summary>Gets the number of values of a block.</summary>
    public int Values => values;

    /// <summary>Gets the number of bytes of a block.</summary>
    public int Bytes => bytes;

    /// <summary>Gets whether the values can be computed; otherwise, tensors of the type can only be listed.</summary>
    public bool CanWiden => widen is not null;

    /// <summary>Computes the values of consecutive blocks, on the calling thread.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="target">The memory that receives the values.</param>
    /// <param name="count">The number of blocks.</param>
    public void Widen(byte* blocks, float* target, long count)
    {
        Widener widener = widen!;
        for (long i = 0; i < count; i++)
        {
            widener(blocks + (i * bytes), target + (i * values));
        }
    }
}
