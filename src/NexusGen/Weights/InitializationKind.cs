namespace NexusGen.Weights;

/// <summary>The distribution that a new parameter is drawn from.</summary>
public enum InitializationKind
{
    /// <summary>One value everywhere.</summary>
    Constant,

    /// <summary>Normal around 0.</summary>
    Normal,

    /// <summary>Uniform and symmetric around 0.</summary>
    Uniform,
}
