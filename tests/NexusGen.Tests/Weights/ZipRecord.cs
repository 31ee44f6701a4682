namespace NexusGen.Tests.Weights;

/// <summary>An entry for <see cref="ZipBuilder"/>, with the false information that a test requires.</summary>
internal sealed record ZipRecord(string Name, byte[] Bytes)
{
    /// <summary>Gets the number of zeros that replace the bytes, as a hole in the file.</summary>
    public long Zeros { get; init; }

    public ushort Flags { get; init; }

    public ushort Method { get; init; }

    /// <summary>Gets the name in the local header if it differs.</summary>
    public string? LocalName { get; init; }

    /// <summary>Gets the length in the directory if it differs.</summary>
    public long? ClaimedLength { get; init; }

    /// <summary>Gets the position in the directory if it differs.</summary>
    public long? ClaimedStart { get; init; }
}
