using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// AdamW (arXiv 1711.05101) as one fused pass of ATen over all tensors of a group. Parameters that are not float32 are trained
/// through float32 masters, so that a step smaller than their resolution is not lost.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly List<GroupState> _groups = [];

    /// <summary>An optimiser with moments of zero.</summary>
    /// <param name="groups">What it trains; each parameter is made to require a gradient.</param>
    /// <param name="options">Betas and epsilon.</param>
    public AdamW(IEnumerable<ParameterGroup> groups, AdamWOptions options)
    {
        Options = options;
        using var scope = NewDisposeScope();
        foreach (ParameterGroup group in groups)
        {
            _groups.Add(new GroupState(group));
        }
    }

    /// <summary>Betas and epsilon.</summary>
    public AdamWOptions Options { get; }

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>All that is trained.</summary>
    public IEnumerable<Parameter> Parameters => Slots.Select(slot => slot.Parameter);

    /// <summary>The parameters with their values in float32: the master, or the parameter itself where it is float32.</summary>
    public IEnumerable<(Parameter Parameter, Tensor Value)> Weights =>
        Slots.Select(slot => (slot.Parameter, slot.Master ?? slot.Parameter.Value));

    /// <summary>Its tensors, to be stored and restored: <c>first_moment</c>, <c>second_moment</c> and perhaps <c>master</c> of each parameter.</summary>
    public IEnumerable<(Parameter Parameter, string Kind, Tensor Value)> State
    {
        get
        {
            foreach (Slot slot in Slots)
            {
                yield return (slot.Parameter, "first_moment", slot.First);
                yield return (slot.Parameter, "second_moment", slot.Second);
                if (slot.Master is not null)
                {
                    yield return (slot.Parameter, "master", slot.Master);
                }
            }
        }
    }

    private IEnumerable<Slot> Slots => _groups.SelectMany(group => group.Slots);

    /// <summary>Takes a step from the gradients; a parameter without one stays as it is.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    public void Step(double learningRate)
    {
        Steps++;
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        foreach (GroupState group in _groups)
        {
            Step(group, learningRate * group.Group.LearningRateScale);
        }
    }

    /// <summary>
    /// Adds the gradients of parameters that are not float32 to sums that are, and forgets them: called after each backward pass
    /// of an accumulated step, so that many small gradients are not rounded away. Float32 ones add up by themselves.
    /// </summary>
    public void AccumulateGradients()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        foreach (Slot slot in Slots)
        {
            if (slot.Master is null || slot.Parameter.Value.grad is not { } gradient)
            {
                continue;
            }

            if (slot.GradientSum is null)
            {
                slot.GradientSum = gradient.to(ScalarType.Float32).DetachFromDisposeScope();
            }
            else
            {
                slot.GradientSum.AddInPlace(gradient);
            }

            Forget(slot.Parameter, gradient);
        }
    }

    /// <summary>Adds gradients that were computed apart to sums in float32, as <see cref="AccumulateGradients"/> those of the parameters.</summary>
    /// <param name="gradients">One for each of <see cref="Parameters"/>; null where there is none. They stay the caller's.</param>
    public void AddGradients(IReadOnlyList<Tensor?> gradients)
    {
        using IDisposable inference = no_grad();
        foreach ((Slot slot, Tensor? gradient) in Slots.Zip(gradients))
        {
            if (gradient is null)
            {
                continue;
            }

            if (slot.GradientSum is null)
            {
                // A copy, laid out as the parameter: two parameters may have got the same tensor.
                slot.GradientSum = empty_like(slot.Parameter.Value, dtype: ScalarType.Float32).DetachFromDisposeScope();
                slot.GradientSum.copy_(gradient);
            }
            else
            {
                slot.GradientSum.AddInPlace(gradient);
            }
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (Slot slot in Slots)
        {
            slot.GradientSum?.Dispose();
            slot.GradientSum = null;
            if (slot.Parameter.Value.grad is { } gradient)
            {
                Forget(slot.Parameter, gradient);
            }
        }
    }

    /// <summary>The L2 norm of all gradients together.</summary>
    public double GradientNorm()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] norms = [.. Slots.Select(slot => slot.Gradient).OfType<Tensor>().Select(gradient => gradient.to(ScalarType.Float32).norm())];
        return norms.Length == 0 ? 0 : stack(norms).norm().item<float>();
    }

    /// <summary>The parameters whose gradients hold something that is not a finite number.</summary>
    public IReadOnlyList<Parameter> WithoutFiniteGradient()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        return [.. Slots.Where(slot => slot.Gradient is { } gradient && !gradient.isfinite().all().item<bool>()).Select(slot => slot.Parameter)];
    }

    /// <summary>Scales all gradients so that their norm is at most a bound, as PyTorch's <c>clip_grad_norm_</c>.</summary>
    /// <param name="bound">The largest norm.</param>
    /// <returns>The norm before.</returns>
    public double ClipGradients(double bound)
    {
        double norm = GradientNorm();
        double factor = bound / (norm + 1e-6);
        if (factor < 1)
        {
            using IDisposable inference = no_grad();
            using var scope = NewDisposeScope();
            foreach (Slot slot in Slots)
            {
                slot.Gradient?.mul_(Scalars.Of(factor));
            }
        }

        return norm;
    }

    /// <summary>Restores moments and masters.</summary>
    /// <param name="steps">How many steps were taken.</param>
    /// <param name="read">Gives the stored tensor of a parameter and kind, in the shape of the parameter; it is disposed here.</param>
    public void Restore(long steps, Func<Parameter, string, Tensor> read)
    {
        Steps = steps;
        using IDisposable inference = no_grad();
        foreach ((Parameter parameter, string kind, Tensor value) in State)
        {
            using Tensor stored = read(parameter, kind);
            value.copy_(stored);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Slot slot in Slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
            slot.Master?.Dispose();
            slot.GradientSum?.Dispose();
        }
    }

    private static void Forget(Parameter parameter, Tensor gradient)
    {
        gradient.Dispose();
        parameter.Value.grad = null;
    }

    private void Step(GroupState group, double learningRate)
    {
        List<Slot> slots = [.. group.Slots.Where(slot => slot.Gradient is not null)];
        if (slots.Count == 0)
        {
            return;
        }

        // One step number for all: a parameter that had no gradient so far is corrected as if it had always been there.
        Tensor step = tensor((float)Steps, device: slots[0].First.device);
        List<Tensor> gradients = [.. slots.Select(slot => slot.Master is null ? slot.Gradient! : slot.Gradient!.to(ScalarType.Float32))];
        Ops.FusedAdamW(
            [.. slots.Select(slot => slot.Master ?? slot.Parameter.Value)], gradients, [.. slots.Select(slot => slot.First)],
            [.. slots.Select(slot => slot.Second)], [.. slots.Select(_ => step)],
            learningRate, Options.Beta1, Options.Beta2, group.Group.WeightDecay, Options.Epsilon);
        foreach (Slot slot in slots)
        {
            if (slot.Master is not null)
            {
                slot.Parameter.Value.copy_(slot.Master);
            }
        }
    }

    private sealed record Slot(Parameter Parameter, Tensor First, Tensor Second, Tensor? Master)
    {
        public Tensor? GradientSum { get; set; }

        public Tensor? Gradient => GradientSum ?? Parameter.Value.grad;
    }

    private sealed class GroupState
    {
        public GroupState(ParameterGroup group)
        {
            Group = group;
            foreach (Parameter parameter in group.Parameters)
            {
                parameter.Value.requires_grad = true;
                bool needsMaster = parameter.Value.dtype != ScalarType.Float32;
                Slots.Add(new Slot(
                    parameter,
                    zeros_like(parameter.Value, dtype: ScalarType.Float32).DetachFromDisposeScope(),
                    zeros_like(parameter.Value, dtype: ScalarType.Float32).DetachFromDisposeScope(),
                    needsMaster ? parameter.Value.detach().to(ScalarType.Float32).DetachFromDisposeScope() : null));
            }
        }

        public ParameterGroup Group { get; }

        public List<Slot> Slots { get; } = [];
    }
}
