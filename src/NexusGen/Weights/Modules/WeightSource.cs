using NexusGen.Torch.Native;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A place in the tree of named weights. A module is built FROM a source, so building it loads it: shapes are checked,
/// nothing is initialised and then overwritten. The same code builds it from files, from shapes alone and from random values;
/// which of them it is, is the <see cref="IWeightProvider"/>'s affair.
/// </summary>
/// <remarks>The idea is candle's VarBuilder.</remarks>
public sealed class WeightSource
{
    private readonly IWeightProvider _provider;

    /// <summary>The root of a tree.</summary>
    /// <param name="provider">Gives the tensors.</param>
    /// <param name="options">How they are loaded.</param>
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

    /// <summary>The names on the way here, joined by dots; empty at the root.</summary>
    public string Path { get; }

    /// <summary>How the tensors are loaded.</summary>
    public LoadOptions Options { get; }

    /// <summary>A place below this one.</summary>
    /// <param name="name">One name, or several joined by dots.</param>
    public WeightSource this[string name] => new(_provider, Options, FullName(name));

    /// <summary>A numbered place below this one: a block in a list of blocks.</summary>
    /// <param name="index">Its number, from 0.</param>
    public WeightSource this[int index] => this[index.ToString()];

    /// <summary>Whether there is a tensor of that name here.</summary>
    /// <param name="name">Its name below this place.</param>
    public bool Contains(string name) => _provider.Contains(FullName(name));

    /// <summary>A parameter in the placement's precision.</summary>
    /// <param name="name">Its name below this place.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="initialization">How it starts when trained from nothing.</param>
    /// <exception cref="WeightException">It is missing or has another shape.</exception>
    public Parameter Parameter(string name, ReadOnlySpan<long> shape, Initialization initialization) =>
        Parameter(name, shape, initialization, Options.Placement.Precision);

    /// <summary>A parameter in a given type.</summary>
    /// <param name="name">Its name below this place.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="initialization">How it starts when trained from nothing.</param>
    /// <param name="type">The type to hold it in.</param>
    /// <exception cref="WeightException">It is missing or has another shape.</exception>
    public Parameter Parameter(string name, ReadOnlySpan<long> shape, Initialization initialization, TorchSharp.torch.ScalarType type)
    {
        NativeRuntime.EnsureLoaded();
        string fullName = FullName(name);
        var request = new WeightRequest(fullName, shape.ToArray(), type, Options.Placement.Device, initialization);
        return new Parameter(fullName, _provider.Provide(request));
    }

    /// <summary>The same place, loaded another way.</summary>
    /// <param name="options">How.</param>
    public WeightSource With(LoadOptions options) => new(_provider, options, Path);

    /// <summary>The same place with shapes alone: building a module from it costs nothing and tells what it is made of.</summary>
    public WeightSource ShapesOnly() =>
        new(ShapeOnlyWeights.Unrecorded, Options with { Residency = null, Placement = Options.Placement with { Device = TorchSharp.torch.META } }, Path);

    private string FullName(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
