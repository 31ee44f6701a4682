using NexusGen.Core;
using NexusGen.Training.Optimization;

namespace NexusGen.Training.Configuration;

/// <summary>
/// What every training has to be told; a task adds its own keys in a record that derives from this one. In YAML the keys are
/// the names in snake case (<see cref="ConfigurationFile"/>).
/// </summary>
public abstract record TrainingConfiguration
{
    /// <summary>Decides weights, order of the data and all that is drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps of the optimiser in all.</summary>
    public long Steps { get; init; } = 1000;

    /// <summary>Samples computed at once.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Batches whose gradients are averaged for one step; the mean of the batches' means.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>
    /// How many of those batches are computed at once, each by its own <c>threads</c>; the losses are the same, for more memory.
    /// Much of a small model's step can't be split among the threads of an operator, but can be done side by side so.
    /// </summary>
    public int Parallel { get; init; } = 1;

    /// <summary>The type of the weights: float32, or bfloat16 with float32 masters.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The learning rate after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps in which the learning rate rises from 0.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>What the learning rate does after the warm-up: constant or cosine.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Where the cosine ends, as a part of the learning rate.</summary>
    public double ScheduleFloor { get; init; }

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>How much of AdamW's first moment stays at each step.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of AdamW's second moment stays at each step.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of AdamW's second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The largest norm of the gradients; null for no bound.</summary>
    public double? ClipNorm { get; init; } = 1;

    /// <summary>How much of the weights' moving average stays at each step; null for no average. Validation uses the average.</summary>
    public double? EmaDecay { get; init; }

    /// <summary>Whether the blocks of language model and FLUX keep only their inputs for the backward pass: less memory, a third more time.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Threads of one operator; null for libtorch's choice, which batches computed at once share. Another number gives other roundings.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that make batches ahead; 0 for none.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Batches that may be ready ahead.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Steps from one report to the next.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Steps from one validation to the next; null for none.</summary>
    public int? ValidateEvery { get; init; }

    /// <summary>Steps from one checkpoint to the next.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>How many of the last checkpoints are kept.</summary>
    public int KeepLast { get; init; } = 2;

    /// <summary>Whether the checkpoint of the lowest validation loss is kept as well.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>The learning rate of each step.</summary>
    internal LearningRateSchedule LearningRates => new()
    {
        Peak = LearningRate,
        WarmupSteps = WarmupSteps,
        CosineSteps = Schedule == ScheduleKind.Cosine ? Steps : null,
        Floor = ScheduleFloor,
    };

    /// <summary>What makes no sense, as a sentence each: "steps must be at least 1".</summary>
    protected internal virtual IEnumerable<string> Problems()
    {
        (string Key, bool Wrong, string Rule)[] rules =
        [
            ("steps", Steps < 1, "at least 1"),
            ("batch_size", BatchSize < 1, "at least 1"),
            ("accumulate", Accumulate < 1, "at least 1"),
            ("parallel", Parallel < 1 || Parallel > Accumulate, "at least 1 and at most accumulate"),
            ("precision", Precision is not (Precision.Float32 or Precision.BFloat16), "float32 or bfloat16"),
            ("learning_rate", !(LearningRate >= 0), "0 or more"),
            ("warmup_steps", WarmupSteps < 0, "0 or more"),
            ("schedule_floor", !(ScheduleFloor is >= 0 and <= 1), "between 0 and 1"),
            ("weight_decay", !(WeightDecay >= 0), "0 or more"),
            ("beta1", !(Beta1 is >= 0 and < 1), "at least 0 and below 1"),
            ("beta2", !(Beta2 is >= 0 and < 1), "at least 0 and below 1"),
            ("epsilon", !(Epsilon > 0), "above 0"),
            ("clip_norm", ClipNorm is <= 0, "above 0, or null"),
            ("ema_decay", EmaDecay is <= 0 or >= 1, "between 0 and 1, or null"),
            ("threads", Threads < 1, "at least 1, or null"),
            ("workers", Workers < 0, "0 or more"),
            ("prefetch", Prefetch < 1, "at least 1"),
            ("log_every", LogEvery < 1, "at least 1"),
            ("validate_every", ValidateEvery < 1, "at least 1, or null"),
            ("checkpoint_every", CheckpointEvery < 1, "at least 1"),
            ("keep_last", KeepLast < 1, "at least 1"),
        ];
        return rules.Where(rule => rule.Wrong).Select(rule => $"{rule.Key} must be {rule.Rule}");
    }
}
