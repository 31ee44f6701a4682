using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>The gradients of a step: those that autograd keeps with the parameters, and float32 sums of others.</summary>
/// <param name="parameters">The trained parameters.</param>
internal sealed class GradientSums(IReadOnlyList<Parameter> parameters) : IDisposable
{
    private readonly Dictionary<Parameter, Tensor> _sums = [];

    /// <summary>Returns the gradient of a parameter, or null if there is none.</summary>
    public Tensor? Of(Parameter parameter) => _sums.GetValueOrDefault(parameter) ?? parameter.Value.grad;

    /// <summary>Returns the gradient of a parameter. If there is none, it becomes zeros.</summary>
    public Tensor OfOrZeros(Parameter parameter)
    {
        if (Of(parameter) is { } gradient)
        {
            return gradient;
        }

        Tensor zeros = zeros_like(parameter.Value, dtype: ScalarType.Float32).DetachFromDisposeScope();
        _sums.Add(parameter, zeros);
        return zeros;
    }

    /// <summary>
    /// Adds the gradients of parameters that are not float32 to float32 sums and discards them. Called after each backward pass
    /// of a step with gradient accumulation, so that many small gradients are not rounded away. Float32 gradients are accumulated
    /// by autograd itself.
    /// </summary>
    public void Accumulate()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        foreach (Parameter parameter in parameters)
        {
            if (parameter.Value.dtype == ScalarType.Float32 || parameter.Value.grad is not { } gradient)
            {
                continue;
            }

            if (_sums.TryGetValue(parameter, out Tensor? sum))
            {
                sum.AddInPlace(gradient);
            }
            else
            {
                _sums.Add(parameter, gradient.to(ScalarType.Float32).DetachFromDisposeScope());
            }

            Forget(parameter, gradient);
        }
    }

    /// <summary>
    /// Adds separately computed gradients to float32 sums, as <see cref="Accumulate"/> does with those of the parameters.
    /// </summary>
    /// <param name="gradients">One gradient for each parameter, or null for none. The caller owns them.</param>
    public void Add(IReadOnlyList<Tensor?> gradients)
    {
        using IDisposable inference = no_grad();
        foreach ((Parameter parameter, Tensor? gradient) in parameters.Zip(gradients))
        {
            if (gradient is null)
            {
                continue;
            }

            if (_sums.TryGetValue(parameter, out Tensor? sum))
            {
                sum.AddInPlace(gradient);
                continue;
            }

            // A copy with the memory layout of the parameter, because two parameters may have received the same tensor.
            sum = empty_like(parameter.Value, dtype: ScalarType.Float32).DetachFromDisposeScope();
            sum.copy_(gradient);
            _sums.Add(parameter, sum);
        }
    }

    /// <summary>Discards all gradients.</summary>
    public void Zero()
    {
        Dispose();
        foreach (Parameter parameter in parameters)
        {
            if (parameter.Value.grad is { } gradient)
            {
                Forget(parameter, gradient);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor sum in _sums.Values)
        {
            sum.Dispose();
        }

        _sums.Clear();
    }

    private static void Forget(Parameter parameter, Tensor gradient)
    {
        gradient.Dispose();
        parameter.Value.grad = null;
    }
}
