namespace NexusGen.Conversion;

/// <summary>How far stored values are from the original ones.</summary>
/// <param name="Difference">The sum of the absolute differences.</param>
/// <param name="Magnitude">The sum of the absolute original values.</param>
internal readonly record struct TensorError(double Difference, double Magnitude)
{
    /// <summary>Gets the mean difference relative to the mean magnitude.</summary>
    public double Relative => Magnitude > 0 ? Difference / Magnitude : Difference;

    /// <summary>Adds two.</summary>
    public static TensorError operator +(TensorError one, TensorError other) =>
        new(one.Difference + other.Difference, one.Magnitude + other.Magnitude);
}
