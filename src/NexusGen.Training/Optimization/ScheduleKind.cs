namespace NexusGen.Training.Optimization;

/// <summary>What the learning rate does after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls as half a cosine to its floor at the last step.</summary>
    Cosine,
}
