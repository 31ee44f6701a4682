using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Training.Core;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// The part of a checkpoint that is not tensors. Seed and number of samples are the complete random state: everything random is a
/// function of them.
/// </summary>
internal sealed record TrainingState
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The version of the checkpoint format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The seed of the data order and of all random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number of steps taken, which is the position in the learning rate schedule.</summary>
    public long Step { get; init; }

    /// <summary>The number of samples seen, which is the position in the data.</summary>
    public long Samples { get; init; }

    /// <summary>The number of samples of a step, over all ranks; 0 if it was not recorded.</summary>
    public long StepSamples { get; init; }

    /// <summary>The number of ranks that trained together.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>The step count of the optimizer.</summary>
    public long OptimizerSteps { get; init; }

    /// <summary>The duration of the training so far, in hours.</summary>
    public double Hours { get; init; }

    /// <summary>The floating-point operations so far, or 0 if they were not counted.</summary>
    public double Flops { get; init; }

    /// <summary>The peak memory of the process so far, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>The results of the validation at this step, or null if there was none.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }

    /// <summary>
    /// Whether a validation was due at this step and the training was stopped before it was completed. A resumed training starts
    /// with it.
    /// </summary>
    public bool ValidationDue { get; init; }

    /// <summary>The validation loss at this step, or null if there is none or it is not finite.</summary>
    internal double? ValidationLoss =>
        Validation?.TryGetValue("loss", out double loss) == true && double.IsFinite(loss) ? loss : null;

    /// <summary>Serializes the state as JSON.</summary>
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads the state of a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TrainingException">The file can't be read, or its format is not supported.</exception>
    internal static TrainingState Read(string path)
    {
        try
        {
            TrainingState state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(path), Options)
                ?? throw new JsonException("it contains nothing");
            return state.Format switch
            {
                1 => state,
                > 1 => throw new TrainingException(
                    $"{path} has the format version {state.Format}, which is newer than this program; use the program that "
                    + "wrote it."),
                _ => throw new TrainingException(
                    $"{path} has the format version {state.Format}, which no program has written; delete its folder to resume "
                    + "from an older checkpoint."),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException(
                $"Can't read {path} ({e.Message.TrimEnd('.')}); delete its folder to resume from an older checkpoint.", e);
        }
    }
}
