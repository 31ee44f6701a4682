using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// An exponential moving average of the trained weights, in float32. The decay after n steps is at most (1 + n)/(10 + n). The low
/// decay at the beginning quickly removes the influence of the initial weights. If the optimizer's state is divided among ranks,
/// so is the average.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly ParameterPartition? _partition;
    private readonly List<(ParameterPiece Piece, Tensor Exact, Tensor Average)> _weights = [];
    private readonly ILookup<Parameter, (ParameterPiece Piece, Tensor Average)> _averages;

    /// <summary>Initializes the average with the weights.</summary>
    /// <param name="optimizer">The optimizer that has the float32 weights.</param>
    /// <param name="decay">The decay of the average per step.</param>
    public WeightAverage(AdamW optimizer, double decay)
    {
        _decay = decay;
        _partition = optimizer.Partition;
        using IDisposable inference = no_grad();
        foreach ((ParameterPiece piece, Tensor exact) in optimizer.Weights)
        {
            _weights.Add((piece, exact, exact.detach().clone().DetachFromDisposeScope()));
        }

        _averages = _weights.ToLookup(weight => weight.Piece.Parameter, weight => (weight.Piece, weight.Average));
        Parameters = new HashSet<Parameter>(optimizer.Parameters);
    }

    /// <summary>Gets the parameters that are averaged, on this rank or another one.</summary>
    public IReadOnlySet<Parameter> Parameters { get; }

    /// <summary>Returns whether this rank has the average of a parameter, or a piece of it.</summary>
    public bool Owns(Parameter parameter) => _averages.Contains(parameter);

    /// <summary>
    /// Returns the average of a trained parameter, or the value of a frozen one. Not available if the average is divided among
    /// ranks.
    /// </summary>
    public Tensor Of(Parameter parameter) =>
        _averages[parameter].Select(part => part.Average).FirstOrDefault() ?? parameter.Value;

    /// <summary>Returns this rank's average of a piece.</summary>
    public Tensor Of(ParameterPiece piece) => _averages[piece.Parameter].Single(part => part.Piece == piece).Average;

    /// <summary>Replaces this rank's part of a parameter's average.</summary>
    /// <param name="parameter">A trained parameter.</param>
    /// <param name="value">The average, in the shape of the parameter.</param>
    public void Restore(Parameter parameter, Tensor value)
    {
        using IDisposable inference = no_grad();
        foreach ((ParameterPiece piece, Tensor average) in _averages[parameter])
        {
            using var scope = NewDisposeScope();
            average.copy_(_partition is null ? value : ParameterPartition.View(piece, value.contiguous()));
        }
    }

    /// <summary>Updates the average with the weights after a step.</summary>
    /// <param name="steps">The number of steps taken.</param>
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

    /// <summary>
    /// Replaces the values of the parameters by the average until the returned object is disposed. If the average is divided
    /// among ranks, all of them call this and dispose the object.
    /// </summary>
    public IDisposable Lend()
    {
        using IDisposable inference = no_grad();
        List<(ParameterPiece Piece, Tensor Value)> own = [];
        foreach ((ParameterPiece piece, _, Tensor average) in _weights)
        {
            using var scope = NewDisposeScope();
            Tensor value = ValueOf(piece, _partition);
            own.Add((piece, value.clone().DetachFromDisposeScope()));
            value.copy_(average);
        }

        _partition?.AllGather();
        return new Loan(own, _partition);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.ForEach(weight => weight.Average.Dispose());

    private static Tensor ValueOf(ParameterPiece piece, ParameterPartition? partition) =>
        partition is null ? piece.Parameter.Value.detach() : ParameterPartition.View(piece);

    private sealed class Loan(List<(ParameterPiece Piece, Tensor Value)> own, ParameterPartition? partition) : IDisposable
    {
        public void Dispose()
        {
            using IDisposable inference = no_grad();
            foreach ((ParameterPiece piece, Tensor value) in own)
            {
                using var scope = NewDisposeScope();
                ValueOf(piece, partition).copy_(value);
                value.Dispose();
            }

            partition?.AllGather();
        }
    }
}
