using NexusGen.Torch.Native;
using static TorchSharp.torch;

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
        ScalarType type)
    {
        NativeRuntime.EnsureLoaded();
        string fullName = FullName(name);
        var request = new WeightRequest(fullName, shape.ToArray(), type, Options.Placement.Device, initialization);
        return new Parameter(fullName, _provider.Provide(request));
    }

    /// <summary>
    /// Gets whether modules are built for their shapes only: their parameters are on the meta device and have no values.
    /// </summary>
    public bool IsShapesOnly => Options.Placement.Device.type == TorchSharp.DeviceType.META;

    /// <summary>Gets the same position for the layers at a model's ends; see <see cref="LinearFormat.Ends"/>.</summary>
    public WeightSource Ends => With(Options with { LinearFormat = Options.LinearFormat.Ends });

    /// <summary>Gets the same position for the scores of the vocabulary; see <see cref="LinearFormat.Vocabulary"/>.</summary>
    public WeightSource Vocabulary => With(Options with { LinearFormat = Options.LinearFormat.Vocabulary });

    /// <summary>Loads a matrix in its stored form.</summary>
    /// <param name="name">The name relative to this position.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="wanted">Whether a form is wanted; see <see cref="IWeightProvider.TryProvidePacked"/>.</param>
    /// <returns>The matrix, or null if it is stored in another form.</returns>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public PackedWeight? TryPacked(string name, ReadOnlySpan<long> shape, Func<BlockFormat?, bool> wanted)
    {
        NativeRuntime.EnsureLoaded();
        return _provider.TryProvidePacked(
            new WeightRequest(
                FullName(name), shape.ToArray(), ScalarType.Float32, Options.Placement.Device, Initialization.Zeros),
            wanted);
    }

    /// <summary>
    /// Loads a matrix on the CPU to convert it: in bfloat16 if it is stored so, which may be mapped; otherwise, in float32.
    /// </summary>
    /// <param name="name">The name relative to this position.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="initialization">The initialization when training from scratch.</param>
    /// <returns>The matrix, contiguous, which the caller owns.</returns>
    /// <exception cref="WeightException">The tensor is missing or has another shape.</exception>
    public Tensor Unconverted(string name, ReadOnlySpan<long> shape, Initialization initialization)
    {
        NativeRuntime.EnsureLoaded();
        string fullName = FullName(name);
        ScalarType type = _provider.StoredType(fullName) == ScalarType.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        return _provider.Provide(new WeightRequest(fullName, shape.ToArray(), type, CPU, initialization));
    }

    /// <summary>Creates a parameter at this position from a tensor.</summary>
    /// <param name="name">The name relative to this position.</param>
    /// <param name="value">The tensor; the parameter takes ownership.</param>
    public Parameter Parameter(string name, Tensor value) => new(FullName(name), value);

    /// <summary>Gets the same position with other options.</summary>
    /// <param name="options">The options for loading.</param>
    public WeightSource With(LoadOptions options) => new(_provider, options, Path);

    /// <summary>
    /// Gets the same position with shapes only. A module built from it takes no memory but has all its parameters.
    /// </summary>
    public WeightSource ShapesOnly() =>
        new(
            ShapeOnlyWeights.Unrecorded,
            Options with { Residency = null, Placement = Options.Placement with { Device = META } },
            Path);

    private string FullName(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
