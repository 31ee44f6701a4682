using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>
/// Random weights, for training from scratch or measuring without files. The values of each tensor depend only on the seed and
/// its name, so neither the order of building nor the number of threads changes them.
/// </summary>
/// <param name="seed">The seed.</param>
internal sealed class RandomWeights(ulong seed) : IWeightProvider
{
    /// <inheritdoc/>
    public bool Contains(string name) => true;

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        using var generator = new Generator(
            seed ^ BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(request.Name))));
        Tensor values = empty(request.Shape, dtype: ScalarType.Float32).DetachFromDisposeScope();
        double scale = request.Initialization.Scale;
        _ = request.Initialization.Kind switch
        {
            InitializationKind.Normal => values.normal_(0, scale, generator),
            InitializationKind.Uniform => values.uniform_(-scale, scale, generator),
            _ => values.fill_(Scalars.Of(scale)),
        };
        if (request.Type == ScalarType.Float32 && request.Device.type == TorchSharp.DeviceType.CPU)
        {
            return values;
        }

        using (values)
        {
            return values.to(request.Type, request.Device).DetachFromDisposeScope();
        }
    }
}
