namespace NexusGen.Training.Data;

/// <summary>
/// Training data as an endless row of samples. What stands at a place follows from the place alone, so that any sample can be
/// named and made again. Safe to use from several threads.
/// </summary>
/// <typeparam name="T">A sample.</typeparam>
public interface ISampleData<out T>
{
    /// <summary>The sample at a place.</summary>
    /// <param name="place">From 0, without end.</param>
    T this[long place] { get; }
}
