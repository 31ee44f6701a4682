namespace NexusGen.Training.Optimization;

/// <summary>The learning rate schedule after the warm-up.</summary>
internal enum ScheduleKind
{
    /// <summary>The learning rate is constant.</summary>
    Constant,

    /// <summary>The learning rate falls as half a cosine period to its floor at the last step.</summary>
    Cosine,
}
