namespace NexusGen.Training.Data;

/// <summary>
/// An endless sequence of training samples. The sample at a position depends only on the position, so any sample can be
/// identified and created again. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the samples.</typeparam>
public interface ISampleData<out T>
{
    /// <summary>Gets the sample at a position.</summary>
    /// <param name="place">The position, from 0 without an upper limit.</param>
    T this[long place] { get; }
}
