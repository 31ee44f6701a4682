using NexusGen.Torch;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

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
    public IEnumerable<Parameter> Parameters => _groups.SelectMany(group => group.Group.Parameters);

    /// <summary>Its tensors under names, to be stored and restored: first and second moments, and the masters.</summary>
    public IEnumerable<(string Name, Tensor Value)> State
    {
        get
        {
            foreach (Slot slot in _groups.SelectMany(group => group.Slots))
            {
                yield return ($"{slot.Parameter.Name}.first_moment", slot.First);
                yield return ($"{slot.Parameter.Name}.second_moment", slot.Second);
                if (slot.Master is not null)
                {
                    yield return ($"{slot.Parameter.Name}.master", slot.Master);
                }
            }
        }
    }

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

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (Parameter parameter in Parameters)
        {
            if (parameter.Value.grad is { } gradient)
            {
                gradient.Dispose();
                parameter.Value.grad = null;
            }
        }
    }

    /// <summary>The L2 norm of all gradients together.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        Tensor[] norms = [.. Parameters.Select(p => p.Value.grad).OfType<Tensor>().Select(gradient => gradient.to(ScalarType.Float32).norm())];
        return norms.Length == 0 ? 0 : stack(norms).norm().item<float>();
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
            foreach (Parameter parameter in Parameters)
            {
                parameter.Value.grad?.mul_(factor);
            }
        }

        return norm;
    }

    /// <summary>Restores moments and masters.</summary>
    /// <param name="steps">How many steps were taken.</param>
    /// <param name="read">Gives the stored tensor of a name; the caller's scope owns it.</param>
    public void Restore(long steps, Func<string, Tensor> read)
    {
        Steps = steps;
        using IDisposable inference = no_grad();
        foreach ((string name, Tensor value) in State)
        {
            value.copy_(read(name));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Slot slot in _groups.SelectMany(group => group.Slots))
        {
            slot.First.Dispose();
            slot.Second.Dispose();
            slot.Master?.Dispose();
        }
    }

    private void Step(GroupState group, double learningRate)
    {
        List<Slot> slots = [.. group.Slots.Where(slot => slot.Parameter.Value.grad is not null)];
        if (slots.Count == 0)
        {
            return;
        }

        // One step number for all: a parameter that had no gradient so far is corrected as if it had always been there.
        Tensor step = tensor((float)Steps);
        List<Tensor> gradients = [.. slots.Select(slot => slot.Master is null ? slot.Parameter.Value.grad! : slot.Parameter.Value.grad!.to(ScalarType.Float32))];
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

    private sealed record Slot(Parameter Parameter, Tensor First, Tensor Second, Tensor? Master);

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
