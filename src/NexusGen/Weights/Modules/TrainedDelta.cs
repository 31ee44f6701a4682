using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A low-rank change that is being trained: scale · up · down is added to the weight, which stays frozen. Both halves are
/// parameters, so optimizers, checkpoints and aliases treat them like the weights of a module.
/// </summary>
/// <param name="path">The path of the layer.</param>
/// <param name="down">[rank, in], float32. The change takes ownership, as of <paramref name="up"/>.</param>
/// <param name="up">[count, rank], float32.</param>
/// <param name="scale">The scale.</param>
/// <param name="start">The first output feature.</param>
internal sealed class TrainedDelta(string path, Parameter down, Parameter up, double scale, long start = 0)
    : LinearDelta(start, up.Value.shape[0])
{
    private readonly ulong _number = BinaryPrimitives.ReadUInt64LittleEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{path}:{start}")));

    /// <summary>Gets the path of the layer.</summary>
    public string Path => path;

    /// <summary>Gets the first half of the product, [rank, in].</summary>
    public Parameter Down => down;

    /// <summary>Gets the second half of the product, [count, rank].</summary>
    public Parameter Up => up;

    /// <summary>Gets the scale of the product.</summary>
    public double Scale => scale;

    /// <summary>
    /// Gets the fraction of the inputs that are set to zero in a training batch (see <see cref="DropoutSeed"/>); the others are
    /// scaled up.
    /// </summary>
    public double Dropout { get; init; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Tensors => [down.Value, up.Value];

    /// <inheritdoc/>
    public override Tensor Apply(Tensor input, Func<Tensor, Tensor> product, double strength) =>
        DenseFormat.Multiply(DenseFormat.Multiply(Drop(input), down.Value, null), up.Value, null)
            * Scalars.Of(scale * strength);

    /// <inheritdoc/>
    public override Tensor WeightChange(Func<Tensor> weight) => LowRankDelta.Product(down.Value, up.Value, scale);

    private Tensor Drop(Tensor input)
    {
        if (Dropout == 0 || DropoutSeed.Current is not { } seed)
        {
            return input;
        }

        // On the CPU, so that a training on another device drops the same inputs.
        using var generator = new Generator(seed ^ _number);
        using Tensor numbers = empty(input.shape, dtype: ScalarType.Float32).uniform_(0, 1, generator);
        using Tensor kept = numbers.ge(Scalars.Of(Dropout)).to(input.dtype, input.device);
        return input * kept * Scalars.Of(1 / (1 - Dropout));
    }
}
