using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Makes the linear layers that run on this thread compute with changes of their weights until it is disposed; each row of the
/// batch has its own or none. Layers are found by their path, not by their object, because streamed blocks are loaded again and
/// again. Enter it around the forward pass of one model only: the paths of different models can be equal.
/// </summary>
internal sealed class DeltaScope : IDisposable
{
    [ThreadStatic]
    private static DeltaScope? _current;

    private readonly DeltaScope? _outer;
    private readonly List<(LinearDeltas? Deltas, int Rows)> _groups = [];
    private readonly int _rows;

    private DeltaScope(IReadOnlyList<LinearDeltas?> rows)
    {
        _outer = _current;
        _rows = rows.Count;
        foreach (LinearDeltas? deltas in rows.Select(row => row is { IsEmpty: false } ? row : null))
        {
            if (_groups.Count > 0 && ReferenceEquals(_groups[^1].Deltas, deltas))
            {
                _groups[^1] = (deltas, _groups[^1].Rows + 1);
            }
            else
            {
                _groups.Add((deltas, 1));
            }
        }
    }

    /// <summary>Gets the changes of this thread, or null if there are none.</summary>
    public static DeltaScope? Current => _current;

    /// <summary>Enters the changes of a batch.</summary>
    /// <param name="rows">The changes of each row, or null for a row without.</param>
    public static IDisposable Enter(params IReadOnlyList<LinearDeltas?> rows)
    {
        var scope = new DeltaScope(rows);
        _current = scope._groups.Any(group => group.Deltas is not null) ? scope : null;
        return scope;
    }

    /// <summary>Adds the changes of a layer to its output, in place.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">
    /// [rows, …, in], or [rows · n, in] if the first dimensions were joined; any shape if all rows have the same changes.
    /// </param>
    /// <param name="output">The same with the layer's outputs.</param>
    /// <exception cref="ArgumentException">The input has another number of rows than the batch.</exception>
    public void Apply(Linear layer, Tensor input, Tensor output)
    {
        if (_groups.Count == 1)
        {
            _groups[0].Deltas!.Apply(layer, input, output);
            return;
        }

        if (input.shape[0] % _rows != 0)
        {
            throw new ArgumentException(
                $"{layer.Path} got an input of {input.shape[0]} rows, which don't belong to {_rows} requests.", nameof(input));
        }

        long each = input.shape[0] / _rows, first = 0;
        foreach ((LinearDeltas? deltas, int rows) in _groups)
        {
            if (deltas is not null && deltas.Of(layer.Path).Count > 0)
            {
                using Tensor from = input.narrow(0, first * each, rows * each), to = output.narrow(0, first * each, rows * each);
                deltas.Apply(layer, from, to);
            }

            first += rows;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _current = _outer;
}
