using NexusGen.Torch;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Loop;

/// <summary>The gradients of a step's batches, several batches at once where the configuration says so.</summary>
/// <typeparam name="TBatch">The task's batches.</typeparam>
internal sealed class Differentiation<TBatch> : IDisposable
{
    private readonly ITrainingTask<TBatch> _task;
    private readonly TrainingConfiguration _configuration;
    private readonly AdamW _optimizer;
    private readonly Func<string> _whatToDo;
    private readonly ParameterAliases[] _aliases;
    private readonly ComputeThreads _threads;

    /// <summary>Starts the threads.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="configuration">How.</param>
    /// <param name="optimizer">Gets the gradients.</param>
    /// <param name="whatToDo">A sentence of advice where a loss is not a number.</param>
    public Differentiation(ITrainingTask<TBatch> task, TrainingConfiguration configuration, AdamW optimizer, Func<string> whatToDo)
    {
        _task = task;
        _configuration = configuration;
        _optimizer = optimizer;
        _whatToDo = whatToDo;
        _aliases = configuration.Parallel == 1 ? [] : [.. Enumerable.Range(0, configuration.Parallel).Select(_ => new ParameterAliases(optimizer.Parameters))];
        _threads = new ComputeThreads(configuration.Parallel);
    }

    /// <summary>Adds the gradients of batches to the step's, each as its part of the mean over all batches of the step.</summary>
    /// <param name="batches">As many as are computed at once, or fewer; they stay the caller's.</param>
    /// <param name="losses">The step's loss and its parts so far; what the batches add to the mean is added.</param>
    /// <returns>Floating-point operations.</returns>
    /// <exception cref="TrainingException">A loss is not a number; none of their gradients was added.</exception>
    public double Add(IReadOnlyList<(MicroBatch Place, TBatch Batch)> batches, Dictionary<string, double> losses)
    {
        var results = new Result?[batches.Count];
        try
        {
            _threads.Run(batches.Count, i => results[i] = Compute(batches[i].Place, batches[i].Batch, _aliases.ElementAtOrDefault(i)));

            // In the batches' order, whichever was ready first: sums of floating-point numbers depend on it.
            foreach (Result result in results.OfType<Result>())
            {
                foreach ((string name, double value) in result.Losses)
                {
                    losses[name] = losses.GetValueOrDefault(name) + (value / _configuration.Accumulate);
                }

                if (result.Gradients is not null)
                {
                    _optimizer.AddGradients(result.Gradients);
                }
                else if (_configuration.Accumulate > 1)
                {
                    _optimizer.AccumulateGradients();
                }
            }
        }
        finally
        {
            foreach (Tensor gradient in results.SelectMany(result => result?.Gradients?.OfType<Tensor>() ?? []))
            {
                gradient.Dispose();
            }
        }

        return results.Sum(result => result!.Flops);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _threads.Dispose();
        Array.ForEach(_aliases, aliases => aliases.Dispose());
    }

    private Result Compute(MicroBatch place, TBatch batch, ParameterAliases? aliases)
    {
        using var scope = NewDisposeScope();
        using IDisposable recording = enable_grad();
        using IDisposable? own = aliases?.Enter();
        using var count = new OperationCount();
        TrainingLoss loss = _task.ComputeLoss(place, batch);
        List<(string, double)> losses = [];
        foreach ((string name, Tensor value) in loss.Parts.Prepend(("loss", loss.Total)))
        {
            double number = value.detach().to(ScalarType.Float64).item<double>();
            if (!double.IsFinite(number))
            {
                throw new TrainingException($"The {(name == "loss" ? name : $"part {name} of the loss")} is {number} in {place}. {_whatToDo()}");
            }

            losses.Add((name, number));
        }

        Checkpointing.Backward(_configuration.Accumulate == 1 ? loss.Total : loss.Total / Scalars.Of(_configuration.Accumulate));
        return new Result(losses, count.Total, aliases?.TakeGradients());
    }

    private sealed record Result(IReadOnlyList<(string Name, double Value)> Losses, double Flops, IReadOnlyList<Tensor?>? Gradients);
}
