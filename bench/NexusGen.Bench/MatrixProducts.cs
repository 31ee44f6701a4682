using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Bench;

/// <summary>
/// A floor: matrix products and attention at given shapes, one after the other through libtorch, with nothing between them.
/// The weights are those of the model that it is compared with, so that both find the same in a cache.
/// </summary>
/// <param name="model">The model whose linear layers are called.</param>
/// <param name="type">The precision.</param>
/// <param name="batch">Rows that pass at once.</param>
/// <param name="training">Whether each is followed by its backward pass: the gradients of input and weight.</param>
internal sealed class MatrixProducts(Module model, ScalarType type, long batch = 1, bool training = false)
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
        Add(() => F.linear(x, weight, bias), x, weight, bias);
        Operations += Passes * 2.0 * batch * rows * weight.NumberOfElements;
        Bytes += weight.NumberOfElements * weight.ElementSize;
    }

    /// <summary>Adds attention.</summary>
    public void Attention(long heads, long queries, long keys, long width, long? keyHeads = null, bool causal = false)
    {
        Tensor q = Leaf(rand(batch, heads, queries, width)), k = Leaf(rand(batch, keyHeads ?? heads, keys, width)), v = Leaf(k.detach().clone());
        Tensor? mask = causal && queries > 1 ? (arange(keys).view(1, -1) <= arange(keys - queries, keys).view(-1, 1)).to(Machine.Device) : null;
        Add(() => Ops.Attention(q, k, v, mask), q, k, v);
        Operations += Passes * 4.0 * batch * heads * queries * keys * width;
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

    private int Passes => training ? 3 : 1;

    private Tensor Leaf(Tensor values) => values.to(type, Machine.Device).requires_grad_(training);

    // The gradient that comes from above is ready, as the transposed products find it in the model.
    private void Add(Func<Tensor> call, params Tensor?[] leaves)
    {
        if (!training)
        {
            _calls.Add(call);
            return;
        }

        Tensor above;
        using (no_grad())
        {
            above = randn_like(call());
        }

        _calls.Add(() =>
        {
            Tensor output = call();
            output.backward([above]);
            foreach (Tensor? leaf in leaves)
            {
                leaf?.grad?.Dispose();
                if (leaf is not null)
                {
                    leaf.grad = null;
                }
            }

            return output;
        });
    }

    private Tensor Input(long rows, long columns)
    {
        if (!_inputs.TryGetValue((rows, columns), out Tensor? input))
        {
            input = _inputs[(rows, columns)] = Leaf(rand(batch, rows, columns) - 0.5);
        }

        return input;
    }
}
