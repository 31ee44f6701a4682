using NexusGen.Torch.Kernels;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Stores the weight in signed bytes with a scale for each row (output feature), a quarter of float32's bytes. Products of many
/// rows are computed in integers: the input is converted to bytes with a scale for each of its rows as it comes (W8A8). A single
/// row is multiplied in floating point, which is bound by reading the weight.
/// </summary>
/// <remarks>
/// A matrix that a file stores in this form (ComfyUI's <c>int8_tensorwise</c> without rotation) is used as it is, memory-mapped
/// if possible; any other one is converted when it is loaded.
/// </remarks>
public sealed class Int8Format : LinearFormat
{
    private Int8Format()
        : base("int8")
    {
    }

    /// <summary>Gets the format.</summary>
    public static Int8Format Instance { get; } = new();

    /// <inheritdoc/>
    internal override LinearFormat Ends => DenseFormat.Instance;

    /// <inheritdoc/>
    internal override LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization)
    {
        if (source.IsShapesOnly)
        {
            return new Int8Weight(
                source.Parameter("weight", [outFeatures, inFeatures], initialization, ScalarType.Int8),
                source.Parameter("weight_scale", [outFeatures], initialization, ScalarType.Float32),
                isTrainedOn: false);
        }

        PackedWeight? stored = source.TryPacked("weight", [outFeatures, inFeatures], form => form is null);
        (Tensor numbers, Tensor scales) = stored is { Scales: { } factors }
            ? (stored.Numbers, factors)
            : Convert(source, outFeatures, inFeatures, initialization);
        return new Int8Weight(
            source.Parameter("weight", numbers), source.Parameter("weight_scale", scales), source.Options.Trained is not null);
    }

    private static (Tensor Numbers, Tensor Scales) Convert(
        WeightSource source, long outFeatures, long inFeatures, Initialization initialization)
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        using Tensor weight = source.Unconverted("weight", [outFeatures, inFeatures], initialization);
        (Tensor numbers, Tensor scales) = RowQuantizeKernel.Run(weight);
        Device device = source.Options.Placement.Device;
        return (numbers.to(device).DetachFromDisposeScope(), scales.to(device).DetachFromDisposeScope());
    }
}
