using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// TeaCache (arXiv 2411.19108) with the polynomial that DiffSynth has for FLUX: where the transformer's input has hardly
/// changed since the step before, the blocks are not computed and their change of the last computed step is added instead.
/// One cache serves one branch of one picture's sampling.
/// </summary>
public sealed class TeaCache : IDisposable
{
    private static readonly double[] Polynomial = [498.651651, -283.781631, 55.8554382, -3.82021401, 0.264230861];

    private readonly double _threshold;
    private readonly int _steps;
    private Tensor? _lastInput;
    private Tensor? _residual;
    private double _accumulated;
    private int _step;

    /// <summary>A cache for one sampling.</summary>
    /// <param name="steps">How many steps there are; the first and the last are always computed.</param>
    /// <param name="threshold">The accumulated change at which a step is computed.</param>
    public TeaCache(int steps, double threshold)
    {
        _steps = steps;
        _threshold = threshold;
    }

    /// <summary>How many steps were computed so far.</summary>
    public int ComputedSteps { get; private set; }

    /// <summary>The change of the last computed step: the picture's states after the blocks minus before.</summary>
    internal Tensor Residual => _residual ?? throw new InvalidOperationException("No step was computed yet.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _lastInput?.Dispose();
        _residual?.Dispose();
    }

    /// <summary>Whether this step must be computed; counts the step.</summary>
    /// <param name="firstModulatedInput">Gives the input after the first modulated norm.</param>
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

    /// <summary>Keeps the change of a computed step.</summary>
    internal void Remember(Tensor residual)
    {
        _residual?.Dispose();
        _residual = residual.DetachFromDisposeScope();
    }
}
