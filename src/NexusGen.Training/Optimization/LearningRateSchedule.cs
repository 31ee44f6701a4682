namespace NexusGen.Training.Optimization;

/// <summary>The learning rate of each step: a linear rise from 0, then constant or half a cosine down to a floor.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The rate after the warm-up.</summary>
    public required double Peak { get; init; }

    /// <summary>Steps of the warm-up; step 0 has a rate of 0 where there are any.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>The number of all steps, for a cosine; constant after the warm-up where null.</summary>
    public long? CosineSteps { get; init; }

    /// <summary>Where the cosine ends, as a part of the peak.</summary>
    public double Floor { get; init; }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Its number, from 0.</param>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * step / WarmupSteps;
        }

        if (CosineSteps is not { } total)
        {
            return Peak;
        }

        double progress = Math.Min(1, (step - WarmupSteps) / (double)Math.Max(1, total - WarmupSteps));
        return Peak * (Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
