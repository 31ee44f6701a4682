namespace NexusGen.Tests.Training;

/// <summary>Handles progress reports synchronously, on the thread that reports them.</summary>
internal sealed class Listener<T>(Action<T> hear) : IProgress<T>
{
    public void Report(T value) => hear(value);
}
