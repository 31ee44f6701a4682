using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion;

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
    private readonly DiffusionCondition? _unused;
    private readonly TeaCache[] _positiveCaches = [];
    private readonly TeaCache[] _negativeCaches = [];
    private Tensor _latents;

    /// <summary>A sampling that has not begun.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="height">Height of the latents: an eighth of the picture's, even.</param>
    /// <param name="width">Width of the latents, even.</param>
    /// <param name="positive">What the pictures show; taken over.</param>
    /// <param name="negative">What they don't; needed unless the guidance is 1, taken over.</param>
    /// <param name="startLatents">[1 or batch, channels, height, width] to start from instead of noise alone; null for none.</param>
    /// <exception cref="NexusGenException">A value is out of range.</exception>
    /// <exception cref="ArgumentNullException">The guidance is not 1 and there is no negative condition.</exception>
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
        _options = options;
        _schedule = new FlowMatchSchedule(options.Steps, options.DenoisingStrength);
        long channels = transformer.Configuration.InChannels / 4;
        Check(options, channels, height, width, startLatents);
        if (options.CfgScale != 1)
        {
            ArgumentNullException.ThrowIfNull(negative);
        }

        _positive = positive.Detach();
        _unused = options.CfgScale == 1 ? negative?.Detach() : null;
        _negative = options.CfgScale == 1 ? null : negative?.Detach();
        Placement placement = transformer.Placement;
        Tensor noise = cat([.. options.Seeds.Select(seed => Noise.Draw(seed, [1, channels, height, width], placement.Precision))], 0).to(placement.Device);
        _latents = (startLatents is null ? noise : _schedule.AddNoise(startLatents.to(placement.Precision, placement.Device), noise, 0)).DetachFromDisposeScope();
        if (options.TeaCacheThreshold is { } threshold)
        {
            TeaCache[] Caches() => [.. options.Seeds.Select(_ => new TeaCache(options.Steps, threshold))];
            _positiveCaches = Caches();
            _negativeCaches = _negative is null ? [] : Caches();
        }
    }

    /// <summary>How many steps are done.</summary>
    public int Completed { get; private set; }

    /// <summary>How many steps there are.</summary>
    public int Steps => _options.Steps;

    /// <summary>How many steps were computed for a picture; fewer than are done where TeaCache reused some.</summary>
    /// <param name="row">The picture's place in the batch.</param>
    public int ComputedSteps(int row) => _positiveCaches.Length == 0 ? Completed : _positiveCaches[row].ComputedSteps;

    /// <summary>The latents as they are now, [batch, channels, height, width]; valid until the next step.</summary>
    public Tensor Latents => _latents;

    /// <summary>Takes the next step.</summary>
    /// <returns>Whether there are more.</returns>
    public bool Step()
    {
        using var scope = NewDisposeScope();
        Tensor velocity = Velocity(_positive, _positiveCaches);
        if (_negative is not null)
        {
            Tensor away = Velocity(_negative, _negativeCaches);
            velocity = away + ((velocity - away) * _options.CfgScale);
        }

        Tensor next = _schedule.Step(_latents, velocity, Completed);
        _latents.Dispose();
        _latents = next.DetachFromDisposeScope();
        return ++Completed < Steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _latents.Dispose();
        _positive.Dispose();
        _negative?.Dispose();
        _unused?.Dispose();
        foreach (TeaCache cache in _positiveCaches.Concat(_negativeCaches))
        {
            cache.Dispose();
        }
    }

    private static void Check(DenoisingOptions options, long channels, long height, long width, Tensor? start)
    {
        string? wrong = 0 switch
        {
            _ when height < 2 || width < 2 || height % 2 != 0 || width % 2 != 0 => $"latents of {width}×{height} can't be painted: both sides must be even and above 0",
            _ when options.Seeds.Count == 0 => "there is no seed: there must be one for each picture",
            _ when !double.IsFinite(options.CfgScale) => $"the guidance (cfg) is {options.CfgScale}, but it must be a number",
            _ when !double.IsFinite(options.EmbeddedGuidance) => $"the embedded guidance is {options.EmbeddedGuidance}, but it must be a number",
            _ when options.TeaCacheThreshold is { } threshold && !(threshold >= 0) => $"TeaCache's threshold is {threshold}, but it must be 0 or more",
            _ when start is not null && !Fits(start, options.Seeds.Count, [channels, height, width]) =>
                $"the start latents have the shape [{string.Join(", ", start.shape)}], but [1 or {options.Seeds.Count}, {channels}, {height}, {width}] is painted",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"{char.ToUpperInvariant(wrong[0])}{wrong[1..]}.");
        }
    }

    private static bool Fits(Tensor start, int rows, long[] picture) =>
        start.Dimensions == 4 && (start.shape[0] == 1 || start.shape[0] == rows) && start.shape.AsSpan(1).SequenceEqual(picture);

    // With TeaCache each picture by itself: whether a step is computed is a picture's own affair.
    private Tensor Velocity(DiffusionCondition condition, TeaCache[] caches) => caches.Length == 0
        ? Forward(_latents, condition.Expand(_latents.shape[0]), null)
        : cat([.. caches.Select((cache, row) => Forward(_latents.narrow(0, row, 1), condition.Row(row), cache))], 0);

    private Tensor Forward(Tensor latents, DiffusionCondition condition, TeaCache? cache)
    {
        long rows = latents.shape[0];
        Tensor timestep = full([rows], _schedule.Timesteps[Completed], dtype: ScalarType.Float32, device: latents.device);
        Tensor guidance = full([rows], _options.EmbeddedGuidance, dtype: ScalarType.Float32, device: latents.device);
        return _transformer.Forward(latents, timestep, condition.Context, condition.Pooled, guidance, condition.TextIds, cache);
    }
}
