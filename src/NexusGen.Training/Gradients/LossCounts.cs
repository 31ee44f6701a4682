namespace NexusGen.Training.Gradients;

/// <summary>How much of each unit a batch, or a step, contains.</summary>
/// <param name="Samples">The number of samples.</param>
/// <param name="Tokens">The number of tokens with a loss.</param>
/// <param name="Embeddings">The number of embeddings of generated images.</param>
/// <param name="Patches">The number of patches of all pictures.</param>
internal readonly record struct LossCounts(double Samples, double Tokens = 0, double Embeddings = 0, double Patches = 0)
{
    /// <summary>Adds the counts of two batches.</summary>
    public static LossCounts operator +(LossCounts a, LossCounts b) =>
        new(a.Samples + b.Samples, a.Tokens + b.Tokens, a.Embeddings + b.Embeddings, a.Patches + b.Patches);

    /// <summary>Gets the counts in the order of the constructor.</summary>
    public double[] ToArray() => [Samples, Tokens, Embeddings, Patches];
}
