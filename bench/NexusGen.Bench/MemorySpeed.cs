using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>Measures how fast memory can be read: it sums far more float32 numbers than any cache holds.</summary>
internal static class MemorySpeed
{
    private const long Bytes = 1L << 30;

    /// <summary>Measures the memory and prints a speed as a share of the memory's speed.</summary>
    /// <param name="name">The name of what was measured.</param>
    /// <param name="bytesPerSecond">Its speed.</param>
    public static void Compare(string name, double bytesPerSecond)
    {
        using var scope = NewDisposeScope();
        Tensor numbers = ones(Bytes / 4, device: Machine.Device);
        double[] seconds = new double[7];
        for (int i = 0; i < seconds.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            numbers.sum().Dispose();
            Machine.Wait();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        double memory = Bytes / Comparison.Median(seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {bytesPerSecond / 1e9:0.0} GB/s, {bytesPerSecond / memory:0.00} of the {memory / 1e9:0.0} GB/s "
            + $"at which memory is read"));
    }
}
