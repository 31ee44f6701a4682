using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Imaging;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;

namespace NexusGen.Training.Logging;

/// <summary>
/// Reports a running training: as lines of text, as progress objects, in <c>metrics.jsonl</c>, and as TensorBoard events. If a
/// training is resumed from a checkpoint, everything that was written after that checkpoint is discarded.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    private const string Loss = "loss";

    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly TrainingConfiguration _configuration;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly TextWriter? _console;
    private readonly StreamWriter _metrics;
    private readonly EventFile _events;
    private readonly Dictionary<string, double> _sums = [];
    private long _windowSteps;
    private long _windowStart = Stopwatch.GetTimestamp();

    /// <summary>Creates the files of a training, or continues them.</summary>
    /// <param name="folder">The folder of the training.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="firstStep">The number of steps that have been taken.</param>
    /// <param name="progress">Receives each report, or null for none.</param>
    /// <param name="console">Receives each report as a line of text, or null for none.</param>
    public TrainingLog(
        string folder,
        TrainingConfiguration configuration,
        long firstStep,
        IProgress<TrainingProgress>? progress,
        TextWriter? console)
    {
        _configuration = configuration;
        _progress = progress;
        _console = console;
        string metrics = Path.Combine(folder, "metrics.jsonl");
        Forget(metrics, firstStep);
        _metrics = new StreamWriter(metrics, append: true) { AutoFlush = true, NewLine = "\n" };
        _events = new EventFile(Path.Combine(folder, "events"), firstStep);
    }

    /// <summary>Writes a message to the console.</summary>
    public void Say(string sentence) => _console?.WriteLine(sentence);

    /// <summary>Records the values of a step, and reports if a report is due.</summary>
    /// <param name="state">The state after the step.</param>
    /// <param name="losses">The loss, named <c>loss</c>, and its parts.</param>
    /// <param name="learningRate">The learning rate of the step.</param>
    /// <param name="gradientNorm">The norm of the gradients.</param>
    /// <param name="ranks">The times of the ranks if a report is due and there are several; otherwise, null.</param>
    public void Step(
        TrainingState state, IReadOnlyDictionary<string, double> losses, double learningRate, double gradientNorm,
        IReadOnlyList<RankTime>? ranks = null)
    {
        foreach ((string name, double value) in losses)
        {
            _sums[name] = _sums.GetValueOrDefault(name) + value;
        }

        _windowSteps++;
        if (IsDue(_configuration, state.Step))
        {
            Report(state, learningRate, gradientNorm, ranks);
        }
    }

    /// <summary>Returns whether a step is reported.</summary>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="step">The number of steps taken.</param>
    public static bool IsDue(TrainingConfiguration configuration, long step) =>
        step % configuration.LogEvery == 0 || step == configuration.Steps;

    /// <summary>Reports the results of a validation.</summary>
    public void Validation(TrainingState state, IReadOnlyDictionary<string, double> values)
    {
        Say($"step {state.Step}  validation: {TrainingProgress.Join(values)}");
        WriteMetrics(new() { ["step"] = state.Step, ["validation"] = values });
        _events.Add(state.Step, values.Select(pair => ($"validation/{pair.Key}", pair.Value)));
    }

    /// <summary>Records an image.</summary>
    /// <param name="step">The step of the weights that generated it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="image">The image.</param>
    public void Image(long step, string name, RgbImage image) => _events.Add(
        step, name, image.Width, image.Height, ImageFile.Encode(image, ImageFormat.Png));

    /// <summary>Excludes the time spent outside of steps (saving, validating) from the speed in the next report.</summary>
    /// <param name="since">The start of that time, from <see cref="Stopwatch.GetTimestamp"/>.</param>
    public void Exclude(long since) => _windowStart += Stopwatch.GetTimestamp() - since;

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }

    private void Report(
        TrainingState state, double learningRate, double gradientNorm, IReadOnlyList<RankTime>? ranks)
    {
        // A part that does not occur in every step (depending on the samples) is still averaged over all steps.
        Dictionary<string, double> means = _sums.ToDictionary(sum => sum.Key, sum => sum.Value / _windowSteps);
        double secondsPerStep = Math.Max(Stopwatch.GetElapsedTime(_windowStart).TotalSeconds, 1e-9) / _windowSteps;
        means.Remove(Loss, out double loss);
        var progress = new TrainingProgress
        {
            Step = state.Step,
            Steps = _configuration.Steps,
            Samples = state.Samples,
            Loss = loss,
            Parts = means,
            LearningRate = learningRate,
            GradientNorm = gradientNorm,
            SamplesPerSecond = state.StepSamples / secondsPerStep,
            TimeLeft = TimeSpan.FromSeconds(Math.Min((_configuration.Steps - state.Step) * secondsPerStep, 1e9)),
        };
        Say(progress.ToString());
        Dictionary<string, object> metrics = new()
        {
            ["step"] = state.Step,
            ["samples"] = state.Samples,
            [Loss] = loss,
            ["parts"] = means,
            ["learning_rate"] = learningRate,
            ["gradient_norm"] = gradientNorm,
            ["samples_per_second"] = progress.SamplesPerSecond,
            ["hours"] = state.Hours,
        };
        if (ranks is not null)
        {
            metrics["ranks"] = ranks.Select(rank => new Dictionary<string, double>
            {
                ["compute_seconds"] = rank.Compute,
                ["data_seconds"] = rank.Data,
                ["exchange_seconds"] = rank.Exchange,
                ["peak_memory"] = rank.Memory,
            });
            if (RankTime.Slowest(ranks) is { } slow)
            {
                Say(slow);
            }
        }

        WriteMetrics(metrics);
        _events.Add(state.Step, means.Select(part => ($"train/{part.Key}", part.Value))
            .Prepend(("train/samples_per_second", progress.SamplesPerSecond))
            .Prepend(("train/gradient_norm", gradientNorm))
            .Prepend(("train/learning_rate", learningRate))
            .Prepend(("train/loss", loss)));
        _progress?.Report(progress);
        _sums.Clear();
        _windowSteps = 0;
        _windowStart = Stopwatch.GetTimestamp();
    }

    private void WriteMetrics(Dictionary<string, object> values) => _metrics.WriteLine(JsonSerializer.Serialize(values, Json));

    // Keeps the lines up to a step. The last line may be truncated if the process was killed.
    private static void Forget(string path, long step)
    {
        if (!File.Exists(path))
        {
            return;
        }

        string[] kept = [.. File.ReadLines(path).TakeWhile(line => StepOf(line) <= step)];
        string temporary = $"{path}.tmp";
        File.WriteAllText(temporary, string.Concat(kept.Select(line => $"{line}\n")), new UTF8Encoding(false));
        File.Move(temporary, path, overwrite: true);
    }

    private static long StepOf(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return long.MaxValue;
        }
    }
}
