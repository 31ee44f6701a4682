using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Compares two variants of the same work, timed alternately within one run so that other load on the machine affects both alike.
/// The ratio is that of the medians; the spread is that of the ratios of neighboring runs. On a machine with other load, the
/// ratio of processor times with one thread (OMP_NUM_THREADS=1) is more stable.
/// </summary>
/// <param name="Name">The name of the comparison.</param>
/// <param name="Goal">The largest acceptable ratio, or null for none.</param>
internal sealed record Comparison(string Name, double? Goal = null)
{
    /// <summary>Gets the floating-point operations of the floor, to print its speed, or 0 to omit it.</summary>
    public double Operations { get; init; }

    /// <summary>Gets the bytes that the floor must read, to print its speed, or 0 to omit it.</summary>
    public double Bytes { get; init; }

    /// <summary>Gets the name of the second variant.</summary>
    public string FloorName { get; init; } = "floor";

    /// <summary>Gets the number of timed pairs of runs.</summary>
    public int Rounds { get; init; } = 9;

    /// <summary>Gets how often the work is repeated within a timed run. Short work needs more repetitions.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>
    /// Gets whether the warm-up repeats both variants until the just-in-time compiler is idle, rather than twice. A variant that
    /// runs through much more code is compiled for seconds, in the background, on the cores that are measured. The compilation
    /// times are printed.
    /// </summary>
    public bool Settles { get; init; }

    /// <summary>Runs both variants alternately and prints a line.</summary>
    /// <param name="ours">The library's variant.</param>
    /// <param name="floor">The variant to compare it with.</param>
    /// <returns>The medians in seconds.</returns>
    public (double Ours, double Floor) Run(Action ours, Action floor)
    {
        WarmUp(ours, floor);
        TimeSpan compiledBefore = JitInfo.GetCompilationTime();
        List<(double Wall, double Processor)> our = [], floors = [];
        for (int i = 0; i < Rounds; i++)
        {
            // Each variant goes first in every other pair.
            if (i % 2 == 0)
            {
                our.Add(Time(ours));
                floors.Add(Time(floor));
            }
            else
            {
                floors.Add(Time(floor));
                our.Add(Time(ours));
            }
        }

        TimeSpan compiled = JitInfo.GetCompilationTime() - compiledBefore;
        double[] ratios = [.. our.Zip(floors, (a, b) => a.Wall / b.Wall).Order()];
        double a = Median(our.Select(time => time.Wall)), b = Median(floors.Select(time => time.Wall));
        double processor = Median(our.Select(time => time.Processor)) / Median(floors.Select(time => time.Processor));
        string goal = Goal is { } g ? Number($", goal {g:0.00} {(a / b <= g ? "met" : "MISSED")}") : "";
        Console.WriteLine(Number(
            $"{Name}: ours {a * 1e3:0.00} ms{Speed(a)}, {FloorName} {b * 1e3:0.00} ms{Speed(b)}, ratio {a
                / b:0.000} ({ratios[0]:0.00}–{ratios[^1]:0.00}), of processor time {processor:0.000}{goal}"));
        if (Settles)
        {
            Console.WriteLine(Number(
                $"  (compiled before: {compiledBefore.TotalMilliseconds:0} ms, meanwhile: {compiled.TotalMilliseconds:0} ms)"));
        }

        return (a, b);
    }

    /// <summary>Computes the median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // The compiler is idle if less than a hundredth of the time went into compiling in three rounds in a row.
    private void WarmUp(Action ours, Action floor)
    {
        const int Quiet = 3, Most = 40;
        int quiet = 0;
        for (int i = 0; i < (Settles ? Most : 2) && quiet < Quiet; i++)
        {
            TimeSpan before = JitInfo.GetCompilationTime();
            double wall = Time(ours).Wall + Time(floor).Wall;
            bool rested = (JitInfo.GetCompilationTime() - before).TotalSeconds < wall * Repeats / 100;
            quiet = Settles && rested ? quiet + 1 : 0;
        }
    }

    private (double Wall, double Processor) Time(Action action)
    {
        using var scope = NewDisposeScope();
        Machine.Wait();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Repeats; i++)
        {
            action();
        }

        Machine.Wait();
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (wall / Repeats, (Environment.CpuUsage.TotalTime - processor).TotalSeconds / Repeats);
    }

    private string Speed(double seconds)
    {
        List<string> speeds = [];
        if (Operations > 0)
        {
            speeds.Add($"{Operations / seconds / 1e9:0} GFLOP/s");
        }

        if (Bytes > 0)
        {
            speeds.Add($"{Bytes / seconds / 1e9:0.0} GB/s");
        }

        return speeds.Count == 0 ? "" : $" ({string.Join(", ", speeds)})";
    }

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
