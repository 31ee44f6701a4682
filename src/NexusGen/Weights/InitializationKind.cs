namespace NexusGen.Weights;

/// <summary>The distribution of the initial values of a parameter.</summary>
internal enum InitializationKind
{
    /// <summary>The same value for all elements.</summary>
    Constant,

    /// <summary>A normal distribution with mean 0.</summary>
    Normal,

    /// <summary>A uniform distribution, symmetric around 0.</summary>
    Uniform,
}
