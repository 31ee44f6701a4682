namespace NexusGen.Training.Optimization;

/// <summary>A learning rate schedule: a linear warm-up from 0, then constant or half a cosine period down to a floor.</summary>
internal sealed record LearningRateSchedule
{
    /// <summary>The learning rate after the warm-up.</summary>
    public required double Peak { get; init; }

    /// <summary>The number of warm-up steps. If there are any, step 0 has a learning rate of 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>
    /// The total number of steps for a cosine schedule, or null for a constant learning rate after the warm-up.
    /// </summary>
    public long? CosineSteps { get; init; }

    /// <summary>The final learning rate of the cosine, as a fraction of the peak.</summary>
    public double Floor { get; init; }

    /// <summary>Returns the learning rate of a step.</summary>
    /// <param name="step">The step number, from 0.</param>
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
