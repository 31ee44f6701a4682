using NexusGen.Core;
using NexusGen.Training.Optimization;

namespace NexusGen.Training.Configuration;

/// <summary>
/// The settings of every training. The configuration of a stage derives from this record and adds its own keys. In YAML, the keys
/// are the property names in snake case (<see cref="ConfigurationFile"/>).
/// </summary>
internal abstract record TrainingConfiguration
{
    /// <summary>The seed of initial weights, data order and all random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>The total number of optimizer steps.</summary>
    public long Steps { get; init; } = 1000;

    /// <summary>Samples computed at once, on each rank if several train together.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The number of batches whose gradients are added for one step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>
    /// What the loss of a step is a mean over: step (all its tokens and images count the same) or batch (the mean of the batches'
    /// means, as in the official training).
    /// </summary>
    public LossMean LossMean { get; init; } = LossMean.Step;

    /// <summary>
    /// What is divided among the ranks that train together, to save memory: none, or optimizer (moments, master weights, moving
    /// average).
    /// </summary>
    public Shard Shard { get; init; } = Shard.None;

    /// <summary>
    /// How many of those batches are computed in parallel, each with its own <c>threads</c>. The losses are the same; more memory
    /// is needed. Much of a small model's step can't be split among the threads of one operator, but batches can be computed in
    /// parallel.
    /// </summary>
    public int Parallel { get; init; } = 1;

    /// <summary>The element type of the weights: float32, or bfloat16 with float32 master weights.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The learning rate after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The number of steps in which the learning rate rises linearly from 0.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>The learning rate schedule after the warm-up: constant or cosine.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>The final learning rate of the cosine schedule, as a fraction of the learning rate.</summary>
    public double ScheduleFloor { get; init; }

    /// <summary>The decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The decay of AdamW's first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of AdamW's second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>The value added to the square root of AdamW's second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The maximum norm of the gradients; null for no clipping.</summary>
    public double? ClipNorm { get; init; } = 1;

    /// <summary>
    /// The decay of the exponential moving average of the weights; null for no average. Validation uses the average.
    /// </summary>
    public double? EmaDecay { get; init; }

    /// <summary>
    /// Whether the blocks of the language model and FLUX keep only their inputs for the backward pass: less memory, a third more
    /// time.
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>
    /// The number of threads per operator; null for libtorch's default, divided among batches computed in parallel. Another
    /// number leads to different rounding.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>The number of threads that prepare batches in advance; 0 for none.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The number of batches that may be prepared in advance.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>The number of steps between two reports.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>The number of steps between two validations; null for none.</summary>
    public int? ValidateEvery { get; init; }

    /// <summary>The number of steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>The number of last checkpoints that are kept.</summary>
    public int KeepLast { get; init; } = 2;

    /// <summary>Whether the checkpoint with the lowest validation loss is kept as well.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Gets the learning rate schedule.</summary>
    internal LearningRateSchedule LearningRates => new()
    {
        Peak = LearningRate,
        WarmupSteps = WarmupSteps,
        CosineSteps = Schedule == ScheduleKind.Cosine ? Steps : null,
        Floor = ScheduleFloor,
    };

    /// <summary>Checks all settings, whether they come from a file or from code.</summary>
    /// <param name="source">The name of their source in error messages.</param>
    /// <exception cref="ConfigurationException">A setting is invalid. The message describes the first one.</exception>
    internal void Validate(string source)
    {
        IEnumerable<string> infinite = ConfigurationReader.Properties(GetType())
            .Where(property => property.GetValue(this) is double number && !double.IsFinite(number))
            .Select(property => $"{ConfigurationFile.KeyOf(property.Name)} must be a finite number");
        if (Problems().Concat(infinite).FirstOrDefault() is { } problem)
        {
            throw new ConfigurationException($"{source}: {problem}.");
        }
    }

    /// <summary>Returns each invalid setting as a sentence, for example "steps must be at least 1".</summary>
    protected virtual IEnumerable<string> Problems()
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
