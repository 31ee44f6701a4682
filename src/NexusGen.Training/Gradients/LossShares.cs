namespace NexusGen.Training.Gradients;

/// <summary>
/// The shares that the means over a batch have in the means over its step: with them as factors, the losses of all batches of a
/// step, on all ranks, add up to the loss of one batch with all samples, and so do their gradients.
/// </summary>
/// <param name="Samples">The share of means over samples.</param>
/// <param name="Tokens">The share of means over tokens.</param>
/// <param name="Embeddings">The share of means over generated embeddings.</param>
/// <param name="Patches">The share of means over patches.</param>
internal readonly record struct LossShares(double Samples, double Tokens, double Embeddings, double Patches)
{
    /// <summary>Gets the shares of a batch that is the entire step.</summary>
    public static LossShares Whole { get; } = Equal(1);

    /// <summary>Returns the same share for all units, as if all batches were alike.</summary>
    /// <param name="batches">The number of batches of the step, on all ranks.</param>
    public static LossShares Equal(int batches) => new(1.0 / batches, 1.0 / batches, 1.0 / batches, 1.0 / batches);

    /// <summary>Returns the shares of a batch in its step. Of a unit that the step lacks, the share is 0.</summary>
    /// <param name="batch">The counts of the batch.</param>
    /// <param name="step">The counts of the step.</param>
    public static LossShares Of(LossCounts batch, LossCounts step)
    {
        return new LossShares(
            Share(batch.Samples, step.Samples), Share(batch.Tokens, step.Tokens),
            Share(batch.Embeddings, step.Embeddings), Share(batch.Patches, step.Patches));

        static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
    }

    /// <summary>Returns the share of means over a unit.</summary>
    public double Of(LossUnit unit) => unit switch
    {
        LossUnit.Token => Tokens,
        LossUnit.Embedding => Embeddings,
        LossUnit.Patch => Patches,
        _ => Samples,
    };
}
