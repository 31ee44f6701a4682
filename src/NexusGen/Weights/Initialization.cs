namespace NexusGen.Weights;

/// <summary>How a parameter starts when it is trained from nothing.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Scale">The value, the standard deviation or the bound, as the kind says.</param>
public readonly record struct Initialization(InitializationKind Kind, double Scale)
{
    /// <summary>All ones: the weights of norms.</summary>
    public static Initialization Ones { get; } = new(InitializationKind.Constant, 1);

    /// <summary>All zeros: biases, and the last layers of residual branches.</summary>
    public static Initialization Zeros { get; } = new(InitializationKind.Constant, 0);

    /// <summary>A normal distribution around 0.</summary>
    /// <param name="deviation">Its standard deviation.</param>
    public static Initialization Normal(double deviation) => new(InitializationKind.Normal, deviation);

    /// <summary>A uniform distribution.</summary>
    /// <param name="bound">Values lie between −bound and bound.</param>
    public static Initialization Uniform(double bound) => new(InitializationKind.Uniform, bound);

    /// <summary>What PyTorch gives a linear or convolution layer: uniform within 1/√(inputs of one output).</summary>
    /// <param name="fanIn">How many inputs one output has.</param>
    public static Initialization FanIn(long fanIn) => Uniform(1 / Math.Sqrt(fanIn));
}
