namespace NexusGen.Autoregressive;

/// <summary>Specifies how positions continue after a generated image.</summary>
public enum PositionMode
{
    /// <summary>
    /// As in the official code for generation: an image advances the position by its number of tokens. From the second image on,
    /// which the official code can't generate, as in training.
    /// </summary>
    Reference,

    /// <summary>
    /// As in training: an image advances the position by the larger side of its grid, as an image of the prompt does.
    /// </summary>
    Training,
}
