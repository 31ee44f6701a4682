using static TorchSharp.torch;

namespace NexusGen.Torch;

/// <summary>
/// Counts the floating-point operations of this thread while it is open: two for each multiplication in a matrix product, a
/// convolution or attention, forward, and as many again for each factor that a gradient will be computed of. What is between
/// (norms, activations, the optimiser) is left out, as is usual.
/// </summary>
public sealed class OperationCount : IDisposable
{
    [ThreadStatic]
    private static OperationCount? _current;

    private readonly OperationCount? _outer;

    /// <summary>Begins to count.</summary>
    public OperationCount()
    {
        _outer = _current;
        _current = this;
    }

    /// <summary>Operations so far.</summary>
    public double Total { get; private set; }

    /// <summary>Ends the count; one that was open around it counts its operations too.</summary>
    public void Dispose()
    {
        _current = _outer;
        if (_outer is not null)
        {
            _outer.Total += Total;
        }
    }

    /// <summary>Whether somebody counts on this thread.</summary>
    internal static bool IsOpen => _current is not null;

    /// <summary>Adds a product, where somebody counts.</summary>
    /// <param name="multiplications">Its multiplications.</param>
    /// <param name="factors">What is multiplied.</param>
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
