using NexusGen.Training;

namespace NexusGen.Tests.Training;

/// <summary>Hears of progress at once, on the thread that reports it.</summary>
internal sealed class Listener(Action<TrainingProgress> hear) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => hear(value);
}
