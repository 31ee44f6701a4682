using System.Globalization;
using System.Text;

namespace NexusGen.Training.Logging;

/// <summary>How far a training has come; losses are means since the last report.</summary>
public sealed record TrainingProgress
{
    /// <summary>Steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Steps in all.</summary>
    public required long Steps { get; init; }

    /// <summary>Samples seen.</summary>
    public required long Samples { get; init; }

    /// <summary>The loss.</summary>
    public required double Loss { get; init; }

    /// <summary>The parts of the loss that the task names.</summary>
    public required IReadOnlyDictionary<string, double> Parts { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of all gradients before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Samples a second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The time that the steps left will take.</summary>
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>The report as a line for a console.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        IFormatProvider plain = CultureInfo.InvariantCulture;
        line.Append(plain, $"step {Step}/{Steps}  loss {Loss:0.#####}");
        if (Parts.Count > 0)
        {
            line.Append(plain, $" ({Join(Parts)})");
        }

        line.Append(plain, $"  lr {LearningRate:0.##e-0}  norm {GradientNorm:0.###}  {SamplesPerSecond:0.#} samples/s  {Describe(TimeLeft)} left");
        return line.ToString();
    }

    /// <summary>Named numbers on one line.</summary>
    internal static string Join(IReadOnlyDictionary<string, double> values) =>
        string.Join(", ", values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.#####}")));

    /// <summary>A span of time as people say it: <c>4 h 35 min</c>.</summary>
    public static string Describe(TimeSpan time) => time switch
    {
        { TotalHours: >= 48 } => $"{time.TotalDays:0.0} days",
        { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{time.Seconds} s",
    };
}
