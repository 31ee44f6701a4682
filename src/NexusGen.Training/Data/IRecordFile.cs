namespace NexusGen.Training.Data;

/// <summary>
/// Numbered training records that are read on demand: the lines of a file, or the images of a folder. Thread-safe.
/// </summary>
internal interface IRecordFile : IDisposable
{
    /// <summary>Gets the path, for messages.</summary>
    string Path { get; }

    /// <summary>Gets the number of records.</summary>
    long Count { get; }

    /// <summary>Reads a record as a line of JSON.</summary>
    /// <param name="index">The index of the record, from 0.</param>
    /// <param name="draw">64 random bits of the position that the record is read for.</param>
    /// <exception cref="Exception">The record can't be used; the message says why.</exception>
    ReadOnlyMemory<byte> Read(long index, ulong draw);

    /// <summary>Describes a record that can't be used.</summary>
    /// <param name="index">The index of the record, from 0.</param>
    /// <param name="reason">What is wrong with it.</param>
    BrokenRecord Broken(long index, string reason);
}
