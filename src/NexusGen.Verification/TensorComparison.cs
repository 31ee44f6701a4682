using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Compares a computed tensor with the expected one.</summary>
internal static class TensorComparison
{
    /// <summary>
    /// Compares two tensors: integers exactly, floating-point numbers by the largest difference divided by the largest expected
    /// magnitude.
    /// </summary>
    public static Deviation Compare(string what, Tensor actual, Tensor expected, Tolerance tolerance)
    {
        using var scope = NewDisposeScope();
        if (!actual.shape.SequenceEqual(expected.shape))
        {
            return new Deviation(
                what, double.PositiveInfinity, false,
                $"shape [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]");
        }

        if (expected.NumberOfElements == 0)
        {
            return new Deviation(what, 0, true, "");
        }

        bool isFloat = is_floating_point(expected);
        Tensor a = actual.to(ScalarType.Float64, CPU).flatten();
        Tensor b = expected.to(ScalarType.Float64, CPU).flatten();
        Tensor difference = (a - b).abs();
        double largest = difference.max().item<double>();
        long place = difference.argmax().item<long>();
        double magnitude = b.abs().max().item<double>();
        double error = largest == 0 ? 0 : largest / magnitude;
        bool within = isFloat && tolerance.Relative is { } relative
            ? largest <= relative * magnitude && !double.IsNaN(largest)
            : largest == 0;
        string where = $"at {Index(place, expected.shape)}: {a[place].item<double>():g9} instead of {b[place].item<double>():g9}";
        return new Deviation(what, double.IsNaN(error) ? double.PositiveInfinity : error, within, largest == 0 ? "" : where);
    }

    private static string Index(long place, long[] shape)
    {
        long[] index = new long[shape.Length];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            index[i] = place % shape[i];
            place /= shape[i];
        }

        return $"[{string.Join(", ", index)}]";
    }
}
