using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Bench;

/// <summary>
/// A floor: matrix products and attention at given shapes, one after the other through libtorch, with nothing between them.
/// The weights are those of the model that it is compared with, so that both find the same in a cache.
/// </summary>
/// <param name="model">The model whose linear layers are called.</param>
/// <param name="type">The precision.</param>
internal sealed class MatrixProducts(Module model, ScalarType type)
{
    private readonly Dictionary<string, Tensor> _weights = model.Parameters.ToDictionary(p => p.Name, p => p.Value);
    private readonly List<Func<Tensor>> _calls = [];
    private readonly Dictionary<(long Rows, long Columns), Tensor> _inputs = [];

    /// <summary>Floating-point operations of one run.</summary>
    public double Operations { get; private set; }

    /// <summary>Bytes of the weights and of attention's keys and values.</summary>
    public double Bytes { get; private set; }

    /// <summary>Adds a linear layer of the model.</summary>
    /// <param name="rows">How many rows pass through it.</param>
    /// <param name="name">Its name.</param>
    public void Linear(long rows, string name)
    {
        Tensor weight = _weights[name + ".weight"], x = Input(rows, weight.shape[1]);
        Tensor? bias = _weights.GetValueOrDefault(name + ".bias");
        _calls.Add(() => F.linear(x, weight, bias));
        Operations += 2.0 * rows * weight.NumberOfElements;
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
