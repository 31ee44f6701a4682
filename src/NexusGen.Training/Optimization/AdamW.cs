using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Training.Distributed;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// AdamW (arXiv 1711.05101), with one fused ATen call per parameter group. Parameters that are not float32 are trained with
/// float32 master weights, so updates smaller than their resolution are not lost.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly List<(ParameterGroup Group, List<AdamWSlot> Slots)> _groups = [];
    private readonly GradientSums _gradients;
    private readonly ICollectives _collectives;
    private readonly ParameterPartition? _partition;
    private readonly Dictionary<ParameterPiece, AdamWSlot> _byPiece;
    private HashSet<Parameter>? _reduced;
    private Tensor? _share;

    /// <summary>Initializes the optimizer with moments of zero.</summary>
    /// <param name="groups">The groups to train. Each parameter is set to require a gradient.</param>
    /// <param name="options">Betas and epsilon.</param>
    /// <param name="collectives">The ranks that train together, or null for one process.</param>
    /// <param name="shard">Whether moments and master weights are divided among the ranks (ZeRO 1).</param>
    public AdamW(
        IEnumerable<ParameterGroup> groups, AdamWOptions options, ICollectives? collectives = null, bool shard = false)
    {
        Options = options;
        _collectives = collectives ?? SingleProcess.Instance;
        ParameterGroup[] all = [.. groups];
        Parameters = [.. all.SelectMany(group => group.Parameters)];
        _partition = shard && _collectives.Size > 1 ? new ParameterPartition(Parameters, _collectives) : null;
        _gradients = new GradientSums(Parameters);
        ILookup<Parameter, ParameterPiece>? own = _partition?.Own.ToLookup(piece => piece.Parameter);
        using var scope = NewDisposeScope();
        foreach (ParameterGroup group in all)
        {
            foreach (Parameter parameter in group.Parameters)
            {
                parameter.Value.requires_grad = true;
            }

            _groups.Add((group, own is null
                ? [.. group.Parameters.Select(parameter => AdamWSlot.Of(parameter))]
                : [.. group.Parameters.SelectMany(parameter => own[parameter]).Select(piece => AdamWSlot.Of(piece))]));
        }

        _byPiece = Slots.ToDictionary(slot => slot.Piece);
    }

    /// <summary>Gets betas and epsilon.</summary>
    public AdamWOptions Options { get; }

    /// <summary>Gets the number of steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Gets all trained parameters.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Gets how the state is divided among ranks, or null if each rank has all of it.</summary>
    public ParameterPartition? Partition => _partition;

    /// <summary>
    /// Gets what this rank updates, with float32 values: the master weights, or the parameter itself if it is float32.
    /// </summary>
    public IEnumerable<(ParameterPiece Piece, Tensor Value)> Weights =>
        Slots.Select(slot => (slot.Piece, slot.Master ?? slot.Weight));

    /// <summary>
    /// Gets the tensors to save and restore: <c>first_moment</c>, <c>second_moment</c> and, if there is one, <c>master</c> of
    /// each parameter; of those that are divided among ranks, this rank's pieces, flat.
    /// </summary>
    public IEnumerable<(Parameter Parameter, string Kind, Tensor Value)> State =>
        Slots.SelectMany(slot => slot.State.Select(part => (slot.Piece.Parameter, part.Kind, part.Value)));

    /// <summary>Returns a tensor of the state of a piece of this rank.</summary>
    public Tensor StateOf(ParameterPiece piece, string kind) =>
        _byPiece[piece].State.Single(part => part.Kind == kind).Value;

    /// <summary>Gets the number of bytes of moments and master weights on this rank.</summary>
    public long StateBytes => State.Sum(part => part.Value.numel() * part.Value.ElementSize);

    private IEnumerable<AdamWSlot> Slots => _groups.SelectMany(group => group.Slots);

    /// <summary>Returns the kinds of tensors in the state of a parameter.</summary>
    public static IReadOnlyList<string> KindsOf(Parameter parameter) => AdamWSlot.KindsOf(parameter);

    /// <summary>Takes a step with the current gradients. A parameter without a gradient is not changed.</summary>
    /// <param name="learningRate">The learning rate of this step.</param>
    public void Step(double learningRate)
    {
        Steps++;
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        foreach ((ParameterGroup group, List<AdamWSlot> slots) in _groups)
        {
            Step(group, slots, learningRate * group.LearningRateScale);
        }
    }

    /// <summary>
    /// Gives all ranks the weights that each has updated, after a step. If every rank updates all of them, nothing is done.
    /// </summary>
    public void GatherWeights()
    {
        using IDisposable inference = no_grad();
        _partition?.AllGather();
    }

    /// <inheritdoc cref="GradientSums.Accumulate"/>
    public void AccumulateGradients() => _gradients.Accumulate();

    /// <inheritdoc cref="GradientSums.Add"/>
    public void AddGradients(IReadOnlyList<Tensor?> gradients) => _gradients.Add(gradients);

    /// <summary>
    /// Adds the gradients of all ranks, after the last backward pass of a step; each rank keeps the sums that it needs. A
    /// parameter has a gradient if it has one on any rank. In a single process, nothing is done.
    /// </summary>
    public void ReduceGradients()
    {
        if (_collectives.Size == 1)
        {
            return;
        }

        using IDisposable inference = no_grad();
        double[] there = _collectives.Sum([.. Parameters.Select(parameter => _gradients.Of(parameter) is null ? 0.0 : 1)]);
        _reduced = [.. Parameters.Where((_, i) => there[i] > 0)];
        if (_partition is null)
        {
            _gradients.Accumulate();
            using var scope = NewDisposeScope();
            GradientReduction.AllReduce(
                _collectives, [.. Parameters.Where(_reduced.Contains).Select(_gradients.OfOrZeros)]);
            return;
        }

        _share?.Dispose();
        _share = _partition.ReduceScatter(_gradients.Of).DetachFromDisposeScope();
        _gradients.Zero();
    }

    /// <summary>Discards all gradients and gradient sums.</summary>
    public void ZeroGradients()
    {
        _gradients.Zero();
        _share?.Dispose();
        _share = null;
        _reduced = null;
    }

    /// <summary>Computes the L2 norm over all gradients.</summary>
    public double GradientNorm()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] norms =
        [
            .. Slots.Select(GradientOf).OfType<Tensor>().Select(gradient => gradient.to(ScalarType.Float32).norm().cpu())
        ];
        double norm = norms.Length == 0 ? 0 : stack(norms).norm().item<float>();
        return _partition is null ? norm : Math.Sqrt(_collectives.Sum(norm * norm)[0]);
    }

    /// <summary>
    /// Returns the parameters whose gradients contain a value that is not finite, as far as this rank has them.
    /// </summary>
    public IReadOnlyList<Parameter> WithoutFiniteGradient()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        return
        [
            .. Slots.Where(slot => GradientOf(slot) is { } gradient && !gradient.isfinite().all().item<bool>())
                .Select(slot => slot.Piece.Parameter).Distinct()
        ];
    }

    /// <summary>Scales all gradients if their norm exceeds a bound, as PyTorch's <c>clip_grad_norm_</c> does.</summary>
    /// <param name="bound">The maximum norm.</param>
    /// <returns>The norm before clipping.</returns>
    public double ClipGradients(double bound)
    {
        double norm = GradientNorm();
        double factor = bound / (norm + 1e-6);
        if (factor < 1)
        {
            using IDisposable inference = no_grad();
            using var scope = NewDisposeScope();
            foreach (AdamWSlot slot in Slots)
            {
                GradientOf(slot)?.mul_(Scalars.Of(factor));
            }
        }

        return norm;
    }

    /// <summary>Restores moments and master weights.</summary>
    /// <param name="steps">The number of steps taken.</param>
    /// <param name="read">
    /// Returns the stored tensor of a parameter and kind, in the shape of the parameter. It is disposed by this method.
    /// </param>
    public void Restore(long steps, Func<Parameter, string, Tensor> read)
    {
        Steps = steps;
        using IDisposable inference = no_grad();
        foreach (AdamWSlot slot in Slots)
        {
            foreach ((string kind, Tensor value) in slot.State)
            {
                using var scope = NewDisposeScope();
                using Tensor stored = read(slot.Piece.Parameter, kind);
                value.copy_(_partition is null ? stored : ParameterPartition.View(slot.Piece, stored.contiguous()));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AdamWSlot slot in Slots)
        {
            slot.Dispose();
        }

        _gradients.Dispose();
        _share?.Dispose();
    }

    // Of a piece, the gradient is a view of this rank's share of the sums. Before they are reduced, there is none.
    private Tensor? GradientOf(AdamWSlot slot)
    {
        if (_partition is null)
        {
            return _gradients.Of(slot.Piece.Parameter);
        }

        return _reduced?.Contains(slot.Piece.Parameter) == true
            ? _share!.narrow(0, _partition.PlaceOf(slot.Piece), slot.Piece.Length)
            : null;
    }

    private void Step(ParameterGroup group, List<AdamWSlot> all, double learningRate)
    {
        List<(AdamWSlot Slot, Tensor Gradient)> slots =
            [.. all.Select(slot => (slot, GradientOf(slot)!)).Where(pair => pair.Item2 is not null)];
        if (slots.Count == 0)
        {
            return;
        }

        // One step count for all: the bias correction of a parameter without gradients so far assumes that it had one in every
        // step.
        Tensor step = tensor((float)Steps, device: slots[0].Slot.First.device);
        Ops.FusedAdamW(
            [.. slots.Select(pair => pair.Slot.Master ?? pair.Slot.Weight)],
            [.. slots.Select(pair => pair.Gradient.to(ScalarType.Float32, pair.Slot.First.device))],
            [.. slots.Select(pair => pair.Slot.First)], [.. slots.Select(pair => pair.Slot.Second)],
            [.. slots.Select(_ => step)],
            learningRate, Options.Beta1, Options.Beta2, group.WeightDecay, Options.Epsilon);
        foreach ((AdamWSlot slot, _) in slots)
        {
            if (slot.Master is not null)
            {
                slot.Weight.copy_(slot.Master);
            }
        }
    }
}
