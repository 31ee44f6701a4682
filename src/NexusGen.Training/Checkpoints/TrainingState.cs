using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Training.Core;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// What a checkpoint holds besides tensors. The random state is the seed and the number of samples: all that is random is a
/// function of them.
/// </summary>
public sealed record TrainingState
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The version of the checkpoint's layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The seed of the data and of all that is drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps taken; the place in the schedule.</summary>
    public long Step { get; init; }

    /// <summary>Samples seen; the place in the data.</summary>
    public long Samples { get; init; }

    /// <summary>The steps that the optimiser counts.</summary>
    public long OptimizerSteps { get; init; }

    /// <summary>Hours of computing so far.</summary>
    public double Hours { get; init; }

    /// <summary>Floating-point operations so far; 0 where nobody counts.</summary>
    public double Flops { get; init; }

    /// <summary>The most memory held so far, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>What the validation at this step gave; null where there was none.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }

    /// <summary>Whether this step was to be validated and the training was stopped before that was done: a resumed one begins with it.</summary>
    public bool ValidationDue { get; init; }

    /// <summary>The validation loss at this step; null where there is none that is a number.</summary>
    internal double? ValidationLoss => Validation?.TryGetValue("loss", out double loss) == true && double.IsFinite(loss) ? loss : null;

    /// <summary>The state as JSON.</summary>
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads the state of a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TrainingException">It can't be read.</exception>
    internal static TrainingState Read(string path)
    {
        try
        {
            TrainingState state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(path), Options)!;
            return state.Format == 1
                ? state
                : throw new TrainingException(
                    $"{path} is of version {state.Format}, which is newer than this program; use the program that wrote it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"{path} can't be read ({e.Message}); remove its folder to go on from an older checkpoint.", e);
        }
    }
}
