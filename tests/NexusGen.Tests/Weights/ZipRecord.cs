namespace NexusGen.Tests.Weights;

/// <summary>An entry that <see cref="ZipBuilder"/> writes, with the lies that a test wants told about it.</summary>
internal sealed record ZipRecord(string Name, byte[] Bytes)
{
    /// <summary>How many zeros stand for the bytes, left out of the disk.</summary>
    public long Zeros { get; init; }

    public ushort Flags { get; init; }

    public ushort Method { get; init; }

    /// <summary>The name in the header before the bytes, where it is another.</summary>
    public string? LocalName { get; init; }

    /// <summary>What the directory says of the length, where it is another.</summary>
    public long? ClaimedLength { get; init; }

    /// <summary>What the directory says of the place, where it is another.</summary>
    public long? ClaimedStart { get; init; }
}
