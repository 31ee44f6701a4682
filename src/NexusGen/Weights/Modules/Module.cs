namespace NexusGen.Weights.Modules;

/// <summary>
/// A part of a model. It owns parameters and child modules and lists them under their names, so that everything that was loaded
/// can be trained and saved. A module computes under the grad mode of its caller.
/// </summary>
internal abstract class Module : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Module> _children = [];

    /// <summary>Initializes a module from its weights.</summary>
    /// <param name="source">The weights of the module.</param>
    protected Module(WeightSource source) => Path = source.Path;

    /// <summary>Gets the name of the module in the model, which is the prefix of the names of its parameters.</summary>
    public string Path { get; }

    /// <summary>Gets the child modules, in order.</summary>
    public virtual IEnumerable<Module> Children => _children;

    /// <summary>Gets all parameters: those of this module, then those of its children in order.</summary>
    public IEnumerable<Parameter> Parameters => OwnParameters.Concat(Children.SelectMany(child => child.Parameters));

    /// <summary>Gets this module and all modules below it.</summary>
    public IEnumerable<Module> Descendants => Children.SelectMany(child => child.Descendants).Prepend(this);

    /// <summary>Gets the number of bytes of all parameters.</summary>
    public long ByteLength => Parameters.Sum(parameter => parameter.ByteLength);

    /// <summary>Gets the parameters of this module without those of its children.</summary>
    protected virtual IEnumerable<Parameter> OwnParameters => _parameters;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the parameters and the children.</summary>
    /// <param name="disposing">true if called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        foreach (Parameter parameter in OwnParameters)
        {
            parameter.Dispose();
        }

        foreach (Module child in Children)
        {
            child.Dispose();
        }
    }

    /// <summary>Takes ownership of a parameter.</summary>
    protected Parameter Own(Parameter parameter)
    {
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Takes ownership of a child module.</summary>
    protected T Own<T>(T child)
        where T : Module
    {
        _children.Add(child);
        return child;
    }
}
