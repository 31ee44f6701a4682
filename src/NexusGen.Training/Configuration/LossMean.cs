namespace NexusGen.Training.Configuration;

/// <summary>What the loss of a step is a mean over.</summary>
internal enum LossMean
{
    /// <summary>All tokens and images of the step count the same, in whichever batch and on whichever rank they are.</summary>
    Step,

    /// <summary>All batches count the same, as in the official training.</summary>
    Batch,
}
