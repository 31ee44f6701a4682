using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// An exponential moving average of the trained weights, in float32. Its decay rises at the beginning, as (1 + n)/(10 + n) after
/// n steps, so that the random start is soon forgotten.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly List<(Parameter Parameter, Tensor Exact, Tensor Average)> _weights = [];
    private readonly Dictionary<Parameter, Tensor> _averages = [];

    /// <summary>An average that begins as the weights.</summary>
    /// <param name="optimizer">Has the weights in float32.</param>
    /// <param name="decay">How much of the average stays at each step.</param>
    public WeightAverage(AdamW optimizer, double decay)
    {
        _decay = decay;
        using IDisposable inference = no_grad();
        foreach ((Parameter parameter, Tensor exact) in optimizer.Weights)
        {
            Tensor average = exact.detach().clone().DetachFromDisposeScope();
            _weights.Add((parameter, exact, average));
            _averages.Add(parameter, average);
        }
    }

    /// <summary>The average of a trained parameter; the parameter itself where it is frozen.</summary>
    public Tensor Of(Parameter parameter) => _averages.GetValueOrDefault(parameter) ?? parameter.Value;

    /// <summary>Takes the weights after a step in.</summary>
    /// <param name="steps">How many steps were taken.</param>
    public void Update(long steps)
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        Tensor share = tensor((float)(1 - Math.Min(_decay, (1.0 + steps) / (10.0 + steps))));
        foreach ((_, Tensor exact, Tensor average) in _weights)
        {
            average.lerp_(exact, share.to(average.device));
        }
    }

    /// <summary>Puts the average into the parameters until the result is disposed.</summary>
    public IDisposable Lend()
    {
        using IDisposable inference = no_grad();
        List<(Parameter Parameter, Tensor Value)> own = [];
        foreach ((Parameter parameter, _, Tensor average) in _weights)
        {
            own.Add((parameter, parameter.Value.detach().clone().DetachFromDisposeScope()));
            parameter.Value.copy_(average);
        }

        return new Loan(own);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.ForEach(weight => weight.Average.Dispose());

    private sealed class Loan(List<(Parameter Parameter, Tensor Value)> own) : IDisposable
    {
        public void Dispose()
        {
            using IDisposable inference = no_grad();
            foreach ((Parameter parameter, Tensor value) in own)
            {
                parameter.Value.copy_(value);
                value.Dispose();
            }
        }
    }
}
