using System.Diagnostics;
using System.Globalization;
using System.Runtime;
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

    /// <summary>
    /// Whether both ways are repeated until the just-in-time compiler rests, rather than twice: a way through much more code is
    /// compiled for seconds, in the background, on the cores that are measured. What was compiled is printed.
    /// </summary>
    public bool Settles { get; init; }

    /// <summary>Runs both ways in turn and prints a line.</summary>
    /// <param name="ours">The library's way.</param>
    /// <param name="floor">The way to compare it with.</param>
    /// <returns>The medians in seconds.</returns>
    public (double Ours, double Floor) Run(Action ours, Action floor)
    {
        WarmUp(ours, floor);
        TimeSpan compiledBefore = JitInfo.GetCompilationTime();
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

        TimeSpan compiled = JitInfo.GetCompilationTime() - compiledBefore;
        double[] ratios = [.. our.Zip(floors, (a, b) => a.Wall / b.Wall).Order()];
        double a = Median(our.Select(time => time.Wall)), b = Median(floors.Select(time => time.Wall));
        double processor = Median(our.Select(time => time.Processor)) / Median(floors.Select(time => time.Processor));
        string goal = Goal is { } g ? Number($", goal {g:0.00} {(a / b <= g ? "met" : "MISSED")}") : "";
        Console.WriteLine(Number(
            $"{Name}: ours {a * 1e3:0.00} ms{Speed(a)}, {FloorName} {b * 1e3:0.00} ms{Speed(b)}, ratio {a / b:0.000} ({ratios[0]:0.00}–{ratios[^1]:0.00}), of processor time {processor:0.000}{goal}"));
        if (Settles)
        {
            Console.WriteLine(Number($"  (compiled before: {compiledBefore.TotalMilliseconds:0} ms, meanwhile: {compiled.TotalMilliseconds:0} ms)"));
        }

        return (a, b);
    }

    /// <summary>The middle of some numbers.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // At rest: three turns in a row in which less than a hundredth of the time went into compiling.
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
