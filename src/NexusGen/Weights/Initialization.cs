namespace NexusGen.Weights;

/// <summary>The initialization of a parameter that is trained from scratch.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Scale">The value, the standard deviation or the bound, depending on the kind.</param>
internal readonly record struct Initialization(InitializationKind Kind, double Scale)
{
    /// <summary>Gets the initialization with ones, for the weights of norms.</summary>
    public static Initialization Ones { get; } = new(InitializationKind.Constant, 1);

    /// <summary>Gets the initialization with zeros, for biases and the last layers of residual branches.</summary>
    public static Initialization Zeros { get; } = new(InitializationKind.Constant, 0);

    /// <summary>Creates a normal distribution with mean 0.</summary>
    /// <param name="deviation">The standard deviation.</param>
    public static Initialization Normal(double deviation) => new(InitializationKind.Normal, deviation);

    /// <summary>Creates a uniform distribution from −bound to bound.</summary>
    /// <param name="bound">The bound.</param>
    public static Initialization Uniform(double bound) => new(InitializationKind.Uniform, bound);

    /// <summary>
    /// Creates PyTorch's default for a linear or convolution layer: a uniform distribution with the bound 1/√fanIn.
    /// </summary>
    /// <param name="fanIn">The number of inputs of one output.</param>
    public static Initialization FanIn(long fanIn) => Uniform(1 / Math.Sqrt(fanIn));
}
