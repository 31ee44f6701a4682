using NexusGen.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Bench;

/// <summary>
/// A floor: matrix products and attention at given shapes, one after the other through libtorch, with nothing between them.
/// Each product has a weight of its own, as in a model, so that no weight is found in a cache where a model's would not be.
/// </summary>
internal sealed class MatrixProducts(ScalarType type)
{
    private readonly List<Func<Tensor>> _calls = [];
    private readonly Dictionary<(long Rows, long Columns), Tensor> _inputs = [];

    /// <summary>Floating-point operations of one run.</summary>
    public double Operations { get; private set; }

    /// <summary>Bytes of the weights and of attention's keys and values.</summary>
    public double Bytes { get; private set; }

    /// <summary>Adds a linear layer.</summary>
    public void Linear(long rows, long inner, long columns, bool bias = true)
    {
        Tensor x = Input(rows, inner), weight = (rand(columns, inner) * 0.02).to(type);
        Tensor? b = bias ? zeros(columns, dtype: type) : null;
        _calls.Add(() => F.linear(x, weight, b));
        Operations += 2.0 * rows * inner * columns;
        Bytes += weight.NumberOfElements * weight.ElementSize;
    }

    /// <summary>Adds attention.</summary>
    public void Attention(long heads, long queries, long keys, long width, long? keyHeads = null, bool causal = false)
    {
        Tensor q = rand(1, heads, queries, width).to(type), k = rand(1, keyHeads ?? heads, keys, width).to(type), v = k.clone();
        Tensor? mask = causal && queries > 1 ? (arange(keys).view(1, -1) <= arange(keys - queries, keys).view(-1, 1)) : null;
        _calls.Add(() => Ops.Attention(q, k, v, mask));
        Operations += 4.0 * heads * queries * keys * width;
        Bytes += 2.0 * k.NumberOfElements * k.ElementSize;
    }

    /// <summary>Runs all of them once.</summary>
    public void Run()
    {
        foreach (Func<Tensor> call in _calls)
        {
            call().Dispose();
        }
    }

    private Tensor Input(long rows, long columns)
    {
        if (!_inputs.TryGetValue((rows, columns), out Tensor? input))
        {
            input = _inputs[(rows, columns)] = (rand(1, rows, columns) - 0.5).to(type);
        }

        return input;
    }
}
