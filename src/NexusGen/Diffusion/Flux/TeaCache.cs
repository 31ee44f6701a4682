using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// TeaCache (arXiv 2411.19108) with the polynomial of DiffSynth for FLUX: while the accumulated change of the input of the
/// transformer since the last computed step is below a threshold, the blocks are skipped and the residual of the last computed
/// step is added instead. A cache serves one branch of the sampling of one image.
/// </summary>
internal sealed class TeaCache : IDisposable
{
    private static readonly double[] Polynomial = [498.651651, -283.781631, 55.8554382, -3.82021401, 0.264230861];

    private readonly double _threshold;
    private readonly int _steps;
    private Tensor? _lastInput;
    private Tensor? _residual;
    private double _accumulated;
    private int _step;

    /// <summary>Initializes a cache for one sampling run.</summary>
    /// <param name="steps">The number of steps. The first and the last step are always computed.</param>
    /// <param name="threshold">The accumulated change from which a step is computed.</param>
    public TeaCache(int steps, double threshold)
    {
        _steps = steps;
        _threshold = threshold;
    }

    /// <summary>Gets the number of steps that were computed so far.</summary>
    public int ComputedSteps { get; private set; }

    /// <summary>Gets the residual of the last computed step: the image states after the blocks minus those before.</summary>
    internal Tensor Residual => _residual ?? throw new InvalidOperationException("No step has been computed yet.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _lastInput?.Dispose();
        _residual?.Dispose();
    }

    /// <summary>Returns whether this step must be computed, and counts the step.</summary>
    /// <param name="firstModulatedInput">Returns the input after the first modulated norm.</param>
    internal bool MustCompute(Func<Tensor> firstModulatedInput)
    {
        using var scope = NewDisposeScope();
        Tensor input = firstModulatedInput();
        bool compute = true;
        if (_step > 0 && _step < _steps - 1)
        {
            double change = ((input - _lastInput!).abs().mean() / _lastInput!.abs().mean()).to(ScalarType.Float64).item<double>();
            _accumulated += Polynomial.Aggregate(0.0, (sum, coefficient) => (sum * change) + coefficient);
            compute = _accumulated >= _threshold;
        }

        if (compute)
        {
            _accumulated = 0;
            ComputedSteps++;
        }

        _lastInput?.Dispose();
        _lastInput = input.DetachFromDisposeScope();
        _step++;
        return compute;
    }

    /// <summary>Stores the residual of a computed step and takes ownership of it.</summary>
    internal void Remember(Tensor residual)
    {
        _residual?.Dispose();
        _residual = residual.DetachFromDisposeScope();
    }
}
