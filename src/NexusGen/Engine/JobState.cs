namespace NexusGen.Engine;

/// <summary>What a job says at the end of a step.</summary>
public enum JobState
{
    /// <summary>It has more to do at once.</summary>
    Working,

    /// <summary>It waits for something (a stage that is being loaded, memory that another job holds); ask again after a change.</summary>
    Waiting,
}
