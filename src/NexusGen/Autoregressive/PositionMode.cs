namespace NexusGen.Autoregressive;

/// <summary>How positions go on after a drawn picture.</summary>
public enum PositionMode
{
    /// <summary>
    /// As the official code generates: by the number of tokens. From a second picture on, which the official code can't draw,
    /// as in training.
    /// </summary>
    Reference,

    /// <summary>As in training: by the picture's grid, as for a picture that is read.</summary>
    Training,
}
