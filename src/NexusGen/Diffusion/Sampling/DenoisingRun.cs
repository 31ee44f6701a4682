using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// One sampling: from noise to latents, a step at a call. Several pictures of one size run as a batch, each with its own seed
/// and condition, and come out as they would alone.
/// </summary>
public sealed class DenoisingRun : IDisposable
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

    /// <summary>A sampling that has not begun.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="height">Height of the latents: an eighth of the picture's, even.</param>
    /// <param name="width">Width of the latents, even.</param>
    /// <param name="positive">What the pictures show, one row or one for each seed; taken over.</param>
    /// <param name="negative">What they don't; needed unless the guidance is 1, taken over.</param>
    /// <param name="startLatents">[1 or batch, channels, height, width] to start from instead of noise alone; null for none.</param>
    /// <exception cref="NexusGenException">A value is out of range or a tensor does not fit; nothing is taken over then.</exception>
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
            throw new NexusGenException($"The guidance (cfg) is {options.CfgScale}, so a negative condition is needed; 1 needs none.");
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

    /// <summary>How many steps are done.</summary>
    public int Completed { get; private set; }

    /// <summary>How many steps there are.</summary>
    public int Steps => _options.Steps;

    /// <summary>How many steps were computed for a picture; fewer than are done where TeaCache reused some.</summary>
    /// <param name="row">The picture's place in the batch.</param>
    public int ComputedSteps(int row) => _positiveCaches.Length == 0 ? Completed : _positiveCaches[row].ComputedSteps;

    /// <summary>How many pictures there are.</summary>
    internal int Rows => _options.Seeds.Count;

    /// <summary>How many tokens a picture has in the transformer.</summary>
    internal long Tokens => _latents.shape[2] * _latents.shape[3] / 4;

    /// <summary>Counts the forward passes.</summary>
    internal PassCounter Counter { get; init; } = new();

    /// <summary>The latents as they are now, [batch, channels, height, width]; valid until the next step.</summary>
    public Tensor Latents => _latents;

    /// <summary>
    /// What the last step took for the latents without noise, of the first picture, [1, channels, height, width]; null before the
    /// first step and where <see cref="KeepsEstimate"/> is not set. Valid until the next step.
    /// </summary>
    public Tensor? Estimate => _estimate;

    /// <summary>Whether <see cref="Estimate"/> is kept.</summary>
    public bool KeepsEstimate { get; init; }

    /// <summary>Takes the next step.</summary>
    /// <returns>Whether there are more.</returns>
    /// <exception cref="InvalidOperationException">There was none left.</exception>
    public bool Step()
    {
        if (Completed == Steps)
        {
            throw new InvalidOperationException($"All {Steps} steps are done.");
        }

        using var scope = NewDisposeScope();
        Advance(Velocity(_positive, _positiveCaches), _negative is null ? null : Velocity(_negative, _negativeCaches));
        return Completed < Steps;
    }

    /// <summary>Takes the next step of several runs in one forward pass, and another for those with guidance.</summary>
    /// <param name="runs">Runs that are not at their end and can share a pass, each with each.</param>
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
            int place = Array.IndexOf(guided, runs[i]);
            runs[i].Advance(velocities[i], place < 0 ? null : away[place]);
        }
    }

    /// <summary>
    /// Whether this run can share its passes with another: pictures of one size by the same transformer, conditions of as many
    /// tokens, and no TeaCache. The steps they are at, their numbers, seeds and guidance may differ.
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
            throw new NexusGenException($"Latents of {height}×{width} can't be cut into patches of 2×2.");
        }

        Placement placement = _transformer.Placement;
        long[] shape = [1, _transformer.Configuration.InChannels / 4, height, width];
        Tensor noise = cat([.. _options.Seeds.Select(seed => Noise.Draw(seed, shape, placement.Precision))], 0).to(placement.Device);
        if (start is null)
        {
            return noise;
        }

        bool fits = start.ndim == 4 && (start.shape[0] == 1 || start.shape[0] == noise.shape[0]) && start.shape.AsSpan(1).SequenceEqual(shape.AsSpan(1));
        return fits
            ? _schedule.AddNoise(start.to(placement.Precision, placement.Device), noise, 0)
            : throw new NexusGenException(
                $"The start latents have the shape [{string.Join(", ", start.shape)}], but those of the noise are [{string.Join(", ", noise.shape)}].");
    }

    private void CheckRows(DiffusionCondition condition)
    {
        foreach (Tensor part in (Tensor[])[condition.Context, condition.Pooled, condition.TextIds])
        {
            if (part.shape[0] != 1 && part.shape[0] != _options.Seeds.Count)
            {
                throw new NexusGenException($"A condition has {part.shape[0]} rows, but there are {_options.Seeds.Count} seeds: it needs one row, or one a seed.");
            }
        }
    }

    // With TeaCache each picture by itself: whether a step is computed is a picture's own affair.
    private Tensor Velocity(DiffusionCondition condition, TeaCache[] caches) => caches.Length == 0
        ? Forward(_latents, condition.Expand(_latents.shape[0]), null)
        : cat([.. caches.Select((cache, row) => Forward(_latents.narrow(0, row, 1), condition.Row(row), cache))], 0);

    private Tensor Forward(Tensor latents, DiffusionCondition condition, TeaCache? cache)
    {
        (Tensor timestep, Tensor guidance) = Inputs(latents.shape[0]);
        Counter.Add(latents.shape[0]);
        return _transformer.Forward(latents, timestep, condition.Context, condition.Pooled, guidance, condition.TextIds, cache);
    }

    // Where the step stands and what guides it: for each row, so rows of one pass may be at different steps.
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
            _estimate = (_latents.narrow(0, 0, 1) - (velocity.narrow(0, 0, 1) * Scalars.Of(_schedule.Sigmas[Completed]))).DetachFromDisposeScope();
        }

        Tensor next = _schedule.Step(_latents, velocity, Completed);
        _latents.Dispose();
        _latents = next.DetachFromDisposeScope();
        Completed++;
    }
}
