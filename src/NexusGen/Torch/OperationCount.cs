using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>
/// Counts the floating-point operations of this thread until it is disposed: two for each multiplication in the forward pass of a
/// matrix product, a convolution or attention, and as many again for each factor that requires a gradient. Everything in between
/// (norms, activations, the optimizer) is left out, as is customary.
/// </summary>
internal sealed class OperationCount : IDisposable
{
    [ThreadStatic]
    private static OperationCount? _current;

    private readonly OperationCount? _outer;

    /// <summary>Starts counting.</summary>
    public OperationCount()
    {
        _outer = _current;
        _current = this;
    }

    /// <summary>Gets the number of operations so far.</summary>
    public double Total { get; private set; }

    /// <summary>Stops counting. The operations are added to the enclosing count, if there is one.</summary>
    public void Dispose()
    {
        _current = _outer;
        if (_outer is not null)
        {
            _outer.Total += Total;
        }
    }

    /// <summary>Gets whether operations are being counted on this thread.</summary>
    internal static bool IsOpen => _current is not null;

    /// <summary>Adds the operations of a product if a count is open.</summary>
    /// <param name="multiplications">The number of multiplications in the forward pass.</param>
    /// <param name="factors">The factors of the product.</param>
    internal static void Product(double multiplications, params ReadOnlySpan<Tensor> factors)
    {
        if (_current is not { } count)
        {
            return;
        }

        int passes = 1;
        if (is_grad_enabled())
        {
            foreach (Tensor factor in factors)
            {
                passes += factor.requires_grad ? 1 : 0;
            }
        }

        count.Total += 2 * multiplications * passes;
    }
}
