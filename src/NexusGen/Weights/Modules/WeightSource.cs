using NexusGen.Torch.Native;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A position in the tree of named weights. A module is built FROM a source, so building it loads it: shapes are checked, and
/// nothing is initialized only to be overwritten. The same code builds it from files, from shapes only and from random values,
/// depending on the <see cref="IWeightProvider"/>.
/// </summary>
/// <remarks>The idea comes from candle's VarBuilder.</remarks>
internal sealed class WeightSource
{
    private readonly IWeightProvider _provider;

    /// <summary>Initializes the root of a tree.</summary>
    /// <param name="provider">Provides the tensors.</param>
    /// <param name="options">The options for loading them.</param>
    public WeightSource(IWeightProvider provider, LoadOptions options)
        : this(provider, options, "")
    {
    }

    private WeightSource(IWeightProvider provider, LoadOptions options, string path)
    {
        _provider = provider;
        Options = options;
        Path = path;
    }

    /// <summary>Gets the names from the root to this position, joined by dots; empty at the root.</summary>
    public string Path { get; }

    /// <summary>Gets the options for loading the tensors.</summary>
    public LoadOptions Options { get; }

    /// <summary>Gets a position below this one.</summary>
    /// <param name="name">One name, or several joined by dots.</param>
    public WeightSource this[string name] => new(_provider, Options, FullName(name));

    /// <summary>Gets a numbered position below this one, for a block in a list of blocks.</summary>
    /// <param name="index">The index of the block.</param>
    public WeightSource this[int index] => this[index.ToString()];

    /// <summary>Whether there is a tensor of that name at this position.</summary>
    /// <param name="name">The name relative to this position.</param>
    public bool Contains(string name) => _provider.Contains(FullName(name));

    /// <summary>Loads a parameter in the placement's precision.</summary>
    /// <param name="name">The name relative to this position.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="initialization">The initialization when training from scratch.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public Parameter Parameter(string name, ReadOnlySpan<long> shape, Initialization initialization) =>
        Parameter(name, shape, initialization, Options.Placement.Precision);

    /// <summary>Loads a parameter in a given type.</summary>
    /// <param name="name">The name relative to this position.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="initialization">The initialization when training from scratch.</param>
    /// <param name="type">The element type.</param>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public Parameter Parameter(
        string name,
        ReadOnlySpan<long> shape,
        Initialization initialization,
        TorchSharp.torch.ScalarType type)
    {
        NativeRuntime.EnsureLoaded();
        string fullName = FullName(name);
        var request = new WeightRequest(fullName, shape.ToArray(), type, Options.Placement.Device, initialization);
        return new Parameter(fullName, _provider.Provide(request));
    }

    /// <summary>Gets the same position with other options.</summary>
    /// <param name="options">The options for loading.</param>
    public WeightSource With(LoadOptions options) => new(_provider, options, Path);

    /// <summary>
    /// Gets the same position with shapes only. A module built from it takes no memory but has all its parameters.
    /// </summary>
    public WeightSource ShapesOnly() =>
        new(
            ShapeOnlyWeights.Unrecorded,
            Options with { Residency = null, Placement = Options.Placement with { Device = TorchSharp.torch.META } },
            Path);

    private string FullName(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
