using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>Group norm with learned weight and bias per channel.</summary>
public sealed class GroupNorm : Module
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>Loads a norm.</summary>
    /// <param name="source">Its place; the names there are <c>weight</c> and <c>bias</c>.</param>
    /// <param name="groups">How many groups the channels are parted into.</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public GroupNorm(WeightSource source, int groups, long channels, double epsilon)
        : base(source)
    {
        if (channels % groups != 0)
        {
            throw new NexusGenException($"{source.Path}: {channels} channels can't be parted into {groups} groups; see norm_groups in nexus-gen.json.");
        }

        _weight = Own(source.Parameter("weight", [channels], Initialization.Ones));
        _bias = Own(source.Parameter("bias", [channels], Initialization.Zeros));
        _groups = groups;
        _epsilon = epsilon;
    }

    /// <summary>Norms each group of channels over its pixels.</summary>
    /// <param name="input">[batch, channels, height, width].</param>
    /// <returns>The same shape and type.</returns>
    public Tensor Forward(Tensor input) =>
        nn.functional.group_norm(input, _groups, _weight.Value.to(input.dtype), _bias.Value.to(input.dtype), _epsilon);
}
