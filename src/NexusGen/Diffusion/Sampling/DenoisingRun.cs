using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// A sampling run from noise to latents, one step per call. Several images of the same size run as a batch, each with its own
/// seed and condition and the same result as alone.
/// </summary>
internal sealed class DenoisingRun : IDisposable
{
    private readonly FluxTransformer _transformer;
    private readonly DenoisingOptions _options;
    private readonly FlowMatchSchedule _schedule;
    private readonly DiffusionCondition _positive;
    private readonly DiffusionCondition? _negative;
    private readonly TeaCache[] _positiveCaches = [];
    private readonly TeaCache[] _negativeCaches = [];
    private Tensor _latents;
    private Tensor? _estimate;

    /// <summary>Initializes a sampling run without starting it.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="options">The sampling options.</param>
    /// <param name="height">The height of the latents: one eighth of the image height, even.</param>
    /// <param name="width">The width of the latents, even.</param>
    /// <param name="positive">The positive condition, one row or one for each seed. The run takes ownership.</param>
    /// <param name="negative">The negative condition, required unless the guidance is 1. The run takes ownership.</param>
    /// <param name="startLatents">
    /// [1 or batch, channels, height, width] to which noise is added, or null to start from pure noise.
    /// </param>
    /// <exception cref="NexusGenException">
    /// A value is out of range or a tensor has another shape. The caller then keeps ownership of the conditions.
    /// </exception>
    public DenoisingRun(
        FluxTransformer transformer,
        DenoisingOptions options,
        long height,
        long width,
        DiffusionCondition positive,
        DiffusionCondition? negative = null,
        Tensor? startLatents = null)
    {
        using var scope = NewDisposeScope();
        _transformer = transformer;
        _options = options.Checked();
        _schedule = new FlowMatchSchedule(options.Steps, options.DenoisingStrength);
        bool guided = options.CfgScale != 1;
        if (guided && negative is null)
        {
            throw new NexusGenException(
                $"The guidance scale (cfg) is {options.CfgScale}, which requires a negative condition; 1 does not.");
        }

        _latents = Begin(height, width, startLatents);
        CheckRows(positive);
        if (negative is not null)
        {
            CheckRows(negative);
        }

        _latents.DetachFromDisposeScope();
        _positive = positive.Detach();
        if (guided)
        {
            _negative = negative!.Detach();
        }
        else
        {
            negative?.Dispose();
        }

        if (options.TeaCacheThreshold is { } threshold)
        {
            TeaCache[] Caches() => [.. options.Seeds.Select(_ => new TeaCache(options.Steps, threshold))];
            _positiveCaches = Caches();
            _negativeCaches = guided ? Caches() : [];
        }
    }

    /// <summary>Gets the number of completed steps.</summary>
    public int Completed { get; private set; }

    /// <summary>Gets the total number of steps.</summary>
    public int Steps => _options.Steps;

    /// <summary>
    /// Returns the number of steps that were computed for an image, fewer than the completed ones if TeaCache skipped some.
    /// </summary>
    /// <param name="row">The index of the image in the batch.</param>
    public int ComputedSteps(int row) => _positiveCaches.Length == 0 ? Completed : _positiveCaches[row].ComputedSteps;

    /// <summary>Gets the number of images.</summary>
    internal int Rows => _options.Seeds.Count;

    /// <summary>Gets the number of tokens of an image in the transformer.</summary>
    internal long Tokens => _latents.shape[2] * _latents.shape[3] / 4;

    /// <summary>Gets the counter of forward passes.</summary>
    internal PassCounter Counter { get; init; } = new();

    /// <summary>Gets the changes of the transformer's linear layers (LoRA) of this run, or null for none.</summary>
    public LinearDeltas? Deltas { get; init; }

    /// <summary>Gets the current latents, [batch, channels, height, width], valid until the next step.</summary>
    public Tensor Latents => _latents;

    /// <summary>
    /// Gets the estimate of the noise-free latents of the first image by the last step, [1, channels, height, width], or null
    /// before the first step and if <see cref="KeepsEstimate"/> is not set. Valid until the next step.
    /// </summary>
    public Tensor? Estimate => _estimate;

    /// <summary>Gets whether <see cref="Estimate"/> is computed.</summary>
    public bool KeepsEstimate { get; init; }

    /// <summary>Computes the next step.</summary>
    /// <returns>true if there are more steps; otherwise, false.</returns>
    /// <exception cref="InvalidOperationException">All steps are already completed.</exception>
    public bool Step()
    {
        if (Completed == Steps)
        {
            throw new InvalidOperationException($"All {Steps} steps have been run.");
        }

        using var scope = NewDisposeScope();
        Advance(Velocity(_positive, _positiveCaches), _negative is null ? null : Velocity(_negative, _negativeCaches));
        return Completed < Steps;
    }

    /// <summary>Computes the next step of several runs in one forward pass, plus a second pass for those with guidance.</summary>
    /// <param name="runs">Unfinished runs that can all share a pass with each other.</param>
    internal static void StepTogether(IReadOnlyList<DenoisingRun> runs)
    {
        if (runs.Count == 1)
        {
            runs[0].Step();
            return;
        }

        using var scope = NewDisposeScope();
        DenoisingRun[] guided = [.. runs.Where(run => run._negative is not null)];
        Tensor[] velocities = JointVelocities(runs, run => run._positive);
        Tensor[] away = guided.Length == 0 ? [] : JointVelocities(guided, run => run._negative!);
        for (int i = 0; i < runs.Count; i++)
        {
            int index = Array.IndexOf(guided, runs[i]);
            runs[i].Advance(velocities[i], index < 0 ? null : away[index]);
        }
    }

    /// <summary>
    /// Returns whether this run can share forward passes with another: the same transformer and image size, conditions with the
    /// same number of tokens, and no TeaCache. The current steps, the numbers of steps, the seeds, the guidance and the changes
    /// of the layers can differ.
    /// </summary>
    internal bool CanShare(DenoisingRun other) =>
        _transformer == other._transformer
        && _positiveCaches.Length + other._positiveCaches.Length == 0
        && _latents.shape.AsSpan(2).SequenceEqual(other._latents.shape.AsSpan(2))
        && _positive.Context.shape[1] == other._positive.Context.shape[1]
        && (_negative is null || other._negative is null || _negative.Context.shape[1] == other._negative.Context.shape[1]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _latents.Dispose();
        _estimate?.Dispose();
        _positive.Dispose();
        _negative?.Dispose();
        foreach (TeaCache cache in _positiveCaches.Concat(_negativeCaches))
        {
            cache.Dispose();
        }
    }

    private Tensor Begin(long height, long width, Tensor? start)
    {
        if (height < 2 || width < 2 || height % 2 != 0 || width % 2 != 0)
        {
            throw new NexusGenException($"Latents of {height}×{width} can't be split into patches of 2×2.");
        }

        Placement placement = _transformer.Placement;
        long[] shape = [1, _transformer.Configuration.InChannels / 4, height, width];
        Tensor noise = cat([.. _options.Seeds.Select(seed => Noise.Draw(seed, shape, placement.Precision))], 0)
            .to(placement.Device);
        if (start is null)
        {
            return noise;
        }

        bool fits = start.ndim == 4
            && (start.shape[0] == 1 || start.shape[0] == noise.shape[0])
            && start.shape.AsSpan(1).SequenceEqual(shape.AsSpan(1));
        return fits
            ? _schedule.AddNoise(start.to(placement.Precision, placement.Device), noise, 0)
            : throw new NexusGenException(
                $"The start latents have the shape [{string.Join(", ", start.shape)}], "
                + $"but those of the noise are [{string.Join(", ", noise.shape)}].");
    }

    private void CheckRows(DiffusionCondition condition)
    {
        foreach (Tensor part in (Tensor[])[condition.Context, condition.Pooled, condition.TextIds])
        {
            if (part.shape[0] != 1 && part.shape[0] != _options.Seeds.Count)
            {
                throw new NexusGenException(
                    $"A condition has {part.shape[0]} rows, but there are {_options.Seeds.Count} seeds: "
                    + "it must have one row, or one per seed.");
            }
        }
    }

    // With TeaCache, each image is computed separately, because the cache decides for each image whether to compute a step.
    private Tensor Velocity(DiffusionCondition condition, TeaCache[] caches) => caches.Length == 0
        ? Forward(_latents, condition.Expand(_latents.shape[0]), null)
        : cat([.. caches.Select((cache, row) => Forward(_latents.narrow(0, row, 1), condition.Row(row), cache))], 0);

    private Tensor Forward(Tensor latents, DiffusionCondition condition, TeaCache? cache)
    {
        (Tensor timestep, Tensor guidance) = Inputs(latents.shape[0]);
        Counter.Add(latents.shape[0]);
        using IDisposable changed = DeltaScope.Enter(Deltas);
        return _transformer.Forward(latents, timestep, condition.Context, condition.Pooled, guidance, condition.TextIds, cache);
    }

    // The timestep and the guidance of each row, so the rows of one pass can be at different steps.
    private (Tensor Timestep, Tensor Guidance) Inputs(long rows)
    {
        Tensor Row(double value) => full([rows], Scalars.Of(value), dtype: ScalarType.Float32, device: _latents.device);
        return (Row(_schedule.Timesteps[Completed]), Row(_options.EmbeddedGuidance));
    }

    private static Tensor[] JointVelocities(IReadOnlyList<DenoisingRun> runs, Func<DenoisingRun, DiffusionCondition> conditionOf)
    {
        DiffusionCondition[] conditions = [.. runs.Select(run => conditionOf(run).Expand(run.Rows))];
        (Tensor Timestep, Tensor Guidance)[] inputs = [.. runs.Select(run => run.Inputs(run.Rows))];
        runs[0].Counter.Add(runs.Sum(run => run.Rows));
        using IDisposable changed = DeltaScope.Enter([.. runs.SelectMany(run => Enumerable.Repeat(run.Deltas, run.Rows))]);
        Tensor velocities = runs[0]._transformer.Forward(
            cat([.. runs.Select(run => run._latents)], 0),
            cat([.. inputs.Select(input => input.Timestep)], 0),
            cat([.. conditions.Select(condition => condition.Context)], 0),
            cat([.. conditions.Select(condition => condition.Pooled)], 0),
            cat([.. inputs.Select(input => input.Guidance)], 0),
            cat([.. conditions.Select(condition => condition.TextIds)], 0));
        return velocities.split([.. runs.Select(run => (long)run.Rows)], 0);
    }

    private void Advance(Tensor velocity, Tensor? away)
    {
        if (away is not null)
        {
            velocity = away.Plus((velocity - away) * Scalars.Of(_options.CfgScale));
        }

        if (KeepsEstimate)
        {
            _estimate?.Dispose();
            _estimate = (_latents.narrow(0, 0, 1) - (velocity.narrow(0, 0, 1) * Scalars.Of(_schedule.Sigmas[Completed])))
                .DetachFromDisposeScope();
        }

        Tensor next = _options.Step(_schedule, _latents, velocity, Completed);
        _latents.Dispose();
        _latents = next.DetachFromDisposeScope();
        Completed++;
    }
}
