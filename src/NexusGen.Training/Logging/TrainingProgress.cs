using System.Globalization;
using System.Text;

namespace NexusGen.Training.Logging;

/// <summary>The progress of a training. Losses are means since the last report.</summary>
public sealed record TrainingProgress
{
    /// <summary>Gets the number of steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Gets the total number of steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Gets the number of samples seen.</summary>
    public required long Samples { get; init; }

    /// <summary>Gets the loss.</summary>
    public required double Loss { get; init; }

    /// <summary>Gets the parts of the loss, as named by the objective.</summary>
    public required IReadOnlyDictionary<string, double> Parts { get; init; }

    /// <summary>Gets the learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Gets the norm of all gradients in the last step, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Gets the number of samples per second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Gets the estimated remaining time.</summary>
    public required TimeSpan TimeLeft { get; init; }

    /// <summary>Formats the report as a line for a console.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        IFormatProvider plain = CultureInfo.InvariantCulture;
        line.Append(plain, $"step {Step}/{Steps}  loss {Loss:0.#####}");
        if (Parts.Count > 0)
        {
            line.Append(plain, $" ({Join(Parts)})");
        }

        line.Append(
            plain,
            $"  lr {LearningRate:0.##e-0}  norm {GradientNorm:0.###}  {SamplesPerSecond:0.#} samples/s  "
            + $"{Describe(TimeLeft)} left");
        return line.ToString();
    }

    /// <summary>Formats named values on one line.</summary>
    internal static string Join(IReadOnlyDictionary<string, double> values) =>
        string.Join(", ", values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.#####}")));

    /// <summary>Formats a duration for people, for example <c>4 h 35 min</c>.</summary>
    public static string Describe(TimeSpan time) => time switch
    {
        { TotalHours: >= 48 } => $"{time.TotalDays:0.0} days",
        { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{time.Seconds} s",
    };
}
