using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Two ways of doing the same work, timed in turn within one run, so that whatever else the machine does meets both alike.
/// The ratio is that of the medians; the spread is that of the ratios of neighbouring runs. On a machine that does other work
/// too, the ratio of processor times with one thread (OMP_NUM_THREADS=1) is the steadier one.
/// </summary>
/// <param name="Name">What is compared.</param>
/// <param name="Goal">The largest ratio wanted; none where null.</param>
internal sealed record Comparison(string Name, double? Goal = null)
{
    /// <summary>Floating-point operations of the floor, to print its speed; none where 0.</summary>
    public double Operations { get; init; }

    /// <summary>Bytes that the floor must read, to print its speed; none where 0.</summary>
    public double Bytes { get; init; }

    /// <summary>What the second way is called.</summary>
    public string FloorName { get; init; } = "floor";

    /// <summary>How many pairs of runs are timed.</summary>
    public int Rounds { get; init; } = 9;

    /// <summary>How often the work is repeated within a timed run: short work needs more.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Runs both ways in turn and prints a line.</summary>
    /// <param name="ours">The library's way.</param>
    /// <param name="floor">The way to compare it with.</param>
    /// <returns>The medians in seconds.</returns>
    public (double Ours, double Floor) Run(Action ours, Action floor)
    {
        for (int i = 0; i < 2; i++)
        {
            Time(ours);
            Time(floor);
        }

        List<(double Wall, double Processor)> our = [], floors = [];
        for (int i = 0; i < Rounds; i++)
        {
            // Each goes first in every other pair.
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

        double[] ratios = [.. our.Zip(floors, (a, b) => a.Wall / b.Wall).Order()];
        double a = Median(our.Select(time => time.Wall)), b = Median(floors.Select(time => time.Wall));
        double processor = Median(our.Select(time => time.Processor)) / Median(floors.Select(time => time.Processor));
        string goal = Goal is { } g ? Number($", goal {g:0.00} {(a / b <= g ? "met" : "MISSED")}") : "";
        Console.WriteLine(Number(
            $"{Name}: ours {a * 1e3:0.00} ms{Speed(a)}, {FloorName} {b * 1e3:0.00} ms{Speed(b)}, ratio {a / b:0.000} ({ratios[0]:0.00}–{ratios[^1]:0.00}), of processor time {processor:0.000}{goal}"));
        return (a, b);
    }

    /// <summary>The middle of some numbers.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private (double Wall, double Processor) Time(Action action)
    {
        using var scope = NewDisposeScope();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Repeats; i++)
        {
            action();
        }

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
