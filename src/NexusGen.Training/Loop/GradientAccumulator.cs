using NexusGen.Torch;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Loop;

/// <summary>Accumulates the gradients of the batches of a step, computing several batches in parallel if configured.</summary>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
internal sealed class GradientAccumulator<TBatch> : IDisposable
{
    private const ulong DropoutPurpose = 0x64726f706f7574;

    private readonly ITrainingObjective<TBatch> _task;
    private readonly AdamW _optimizer;
    private readonly bool _accumulates;
    private readonly Func<string> _whatToDo;
    private readonly ParameterAliases[] _aliases;
    private readonly ComputeThreads _threads;

    /// <summary>Initializes the accumulator and starts its threads.</summary>
    /// <param name="task">The training objective.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="optimizer">The optimizer that receives the gradients.</param>
    /// <param name="whatToDo">Returns a sentence of advice for the error message if a loss is not finite.</param>
    public GradientAccumulator(
        ITrainingObjective<TBatch> task, TrainingConfiguration configuration, AdamW optimizer, Func<string> whatToDo)
    {
        _task = task;
        _optimizer = optimizer;
        _accumulates = configuration.Accumulate > 1;
        _whatToDo = whatToDo;
        _aliases = configuration.Parallel == 1
            ? []
            : [.. Enumerable.Range(0, configuration.Parallel).Select(_ => new ParameterAliases(optimizer.Parameters))];
        _threads = new ComputeThreads(configuration.Parallel);
    }

    /// <summary>Adds the gradients of batches to those of the step.</summary>
    /// <param name="batches">The batches to compute in parallel, with their shares in the step. The caller owns them.</param>
    /// <param name="losses">
    /// The accumulated loss of the step and its parts, to which the contribution of the batches is added.
    /// </param>
    /// <returns>The number of floating-point operations.</returns>
    /// <exception cref="TrainingException">A loss is not finite. None of the gradients was added.</exception>
    public double Add(
        IReadOnlyList<(MicroBatch Place, TBatch Batch, LossShares Shares)> batches, Dictionary<string, double> losses)
    {
        var results = new Result?[batches.Count];
        try
        {
            _threads.Run(
                batches.Count,
                i => results[i] = Compute(
                    batches[i].Place, batches[i].Batch, batches[i].Shares, _aliases.ElementAtOrDefault(i)));

            // In the order of the batches, not of completion, because floating-point sums depend on the order.
            foreach (Result result in results.OfType<Result>())
            {
                foreach ((string name, double value) in result.Losses)
                {
                    losses[name] = losses.GetValueOrDefault(name) + value;
                }

                if (result.Gradients is not null)
                {
                    _optimizer.AddGradients(result.Gradients);
                }
                else if (_accumulates)
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

    private Result Compute(MicroBatch place, TBatch batch, LossShares shares, ParameterAliases? aliases)
    {
        using var scope = NewDisposeScope();
        using IDisposable recording = enable_grad();
        using IDisposable? own = aliases?.Enter();
        using IDisposable dropout = DropoutSeed.Enter(CounterRandom.Hash(place.Seed, DropoutPurpose, (ulong)place.FirstSample));
        using var count = new OperationCount();
        TrainingLoss loss = _task.ComputeLoss(place, batch, shares);
        List<(string, double)> losses = [];
        foreach ((string name, Tensor value, double share) in
            loss.Parts.Select(part => (part.Name, part.Value, shares.Of(part.Unit))).Prepend(("loss", loss.Total, 1.0)))
        {
            double number = value.detach().to(ScalarType.Float64).item<double>();
            if (!double.IsFinite(number))
            {
                throw new TrainingException(
                    $"The {(name == "loss" ? name : $"part {name} of the loss")} is {number} in {place}. {_whatToDo()}");
            }

            losses.Add((name, number * share));
        }

        GradientCheckpointing.Backward(loss.Total);
        return new Result(losses, count.Total, aliases?.TakeGradients());
    }

    private sealed record Result(
        IReadOnlyList<(string Name, double Value)> Losses, double Flops, IReadOnlyList<Tensor?>? Gradients);
}
