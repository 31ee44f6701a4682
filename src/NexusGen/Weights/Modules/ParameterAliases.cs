using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Parameters once more, as other tensors over the same memory. A thread that has entered them computes with these, so that its
/// gradients are its own while others compute with the same weights.
/// </summary>
internal sealed class ParameterAliases : IDisposable
{
    [ThreadStatic]
    private static ParameterAliases? _entered;

    private readonly Dictionary<Parameter, Tensor> _tensors = [];
    private readonly Parameter[] _parameters;

    /// <summary>Aliases that require gradients.</summary>
    /// <param name="parameters">The parameters; their tensors may change their values meanwhile, but not be replaced.</param>
    public ParameterAliases(IEnumerable<Parameter> parameters)
    {
        _parameters = [.. parameters];
        foreach (Parameter parameter in _parameters)
        {
            _tensors.Add(parameter, parameter.Value.detach().DetachFromDisposeScope().requires_grad_(true));
        }
    }

    /// <summary>The alias of a parameter on this thread; null where there is none.</summary>
    public static Tensor? Find(Parameter parameter) => _entered?._tensors.GetValueOrDefault(parameter);

    /// <summary>Has this thread compute with the aliases until the result is disposed.</summary>
    public IDisposable Enter()
    {
        _entered = this;
        return new Stay();
    }

    /// <summary>The gradients since the last call, in the order of the parameters; null where there is none. They are the caller's.</summary>
    public IReadOnlyList<Tensor?> TakeGradients() => [.. _parameters.Select(parameter => TakeGradient(_tensors[parameter]))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor alias in _tensors.Values)
        {
            alias.Dispose();
        }
    }

    private static Tensor? TakeGradient(Tensor alias)
    {
        Tensor? gradient = alias.grad?.DetachFromDisposeScope();
        alias.grad = null;
        return gradient;
    }

    private sealed class Stay : IDisposable
    {
        public void Dispose() => _entered = null;
    }
}
