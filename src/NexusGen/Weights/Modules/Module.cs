namespace NexusGen.Weights.Modules;

/// <summary>
/// A part of a model: it owns parameters and smaller modules, and lists them under their names, so that whatever was read
/// can be trained and written back. A module computes under the grad mode of its caller.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Module> _children = [];

    /// <summary>A module built from a place in the weights.</summary>
    /// <param name="source">The place.</param>
    protected Module(WeightSource source) => Path = source.Path;

    /// <summary>Its name in the model, as its parameters have it before their own.</summary>
    public string Path { get; }

    /// <summary>The modules that it is made of, in order.</summary>
    public virtual IEnumerable<Module> Children => _children;

    /// <summary>All parameters, its own first, then its children's in order.</summary>
    public IEnumerable<Parameter> Parameters => OwnParameters.Concat(Children.SelectMany(child => child.Parameters));

    /// <summary>This module and all below it.</summary>
    public IEnumerable<Module> Descendants => Children.SelectMany(child => child.Descendants).Prepend(this);

    /// <summary>How many bytes its parameters take.</summary>
    public long ByteLength => Parameters.Sum(parameter => parameter.ByteLength);

    /// <summary>The parameters that are no child's.</summary>
    protected virtual IEnumerable<Parameter> OwnParameters => _parameters;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters and the children.</summary>
    /// <param name="disposing">True where it comes from <see cref="Dispose()"/>.</param>
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

    /// <summary>Takes a parameter over.</summary>
    protected Parameter Own(Parameter parameter)
    {
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Takes a smaller module over.</summary>
    protected T Own<T>(T child)
        where T : Module
    {
        _children.Add(child);
        return child;
    }
}
