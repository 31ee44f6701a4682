using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>Group norm with a learned weight and bias per channel.</summary>
internal sealed class GroupNorm : Module
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>Loads a norm.</summary>
    /// <param name="source">The weights of the layer, named <c>weight</c> and <c>bias</c>.</param>
    /// <param name="groups">The number of groups that the channels are divided into.</param>
    /// <param name="channels">The number of input channels.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="NexusGenException">The channels can't be divided into the groups.</exception>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public GroupNorm(WeightSource source, int groups, long channels, double epsilon)
        : base(source)
    {
        if (channels % groups != 0)
        {
            throw new NexusGenException(
                $"{source.Path}: {channels} channels can't be divided into {groups} groups; see norm_groups in nexus-gen.json.");
        }

        _weight = Own(source.Parameter("weight", [channels], Initialization.Ones));
        _bias = Own(source.Parameter("bias", [channels], Initialization.Zeros));
        _groups = groups;
        _epsilon = epsilon;
    }

    /// <summary>Normalizes each group of channels over its pixels.</summary>
    /// <param name="input">[batch, channels, height, width].</param>
    /// <returns>The same shape and type.</returns>
    public Tensor Forward(Tensor input) =>
        nn.functional.group_norm(input, _groups, _weight.Value.to(input.dtype), _bias.Value.to(input.dtype), _epsilon);
}
