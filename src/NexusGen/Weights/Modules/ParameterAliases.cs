using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Aliases of parameters: other tensors over the same memory. A thread that has entered them computes with the aliases and
/// accumulates separate gradients, while other threads compute with the same weights.
/// </summary>
internal sealed class ParameterAliases : IDisposable
{
    [ThreadStatic]
    private static ParameterAliases? _entered;

    private readonly Dictionary<Parameter, Tensor> _tensors = [];
    private readonly Parameter[] _parameters;

    /// <summary>Creates aliases that require gradients.</summary>
    /// <param name="parameters">
    /// The parameters. The values of their tensors may change meanwhile, but the tensors must not be replaced.
    /// </param>
    public ParameterAliases(IEnumerable<Parameter> parameters)
    {
        _parameters = [.. parameters];
        foreach (Parameter parameter in _parameters)
        {
            _tensors.Add(parameter, parameter.Value.detach().DetachFromDisposeScope().requires_grad_(true));
        }
    }

    /// <summary>Finds the alias of a parameter on this thread, or null if there is none.</summary>
    public static Tensor? Find(Parameter parameter) => _entered?._tensors.GetValueOrDefault(parameter);

    /// <summary>Makes this thread compute with the aliases until the returned object is disposed.</summary>
    public IDisposable Enter()
    {
        _entered = this;
        return new Stay();
    }

    /// <summary>
    /// Returns the gradients accumulated since the last call, in the order of the parameters, with null for a parameter without
    /// one. The caller owns them.
    /// </summary>
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
