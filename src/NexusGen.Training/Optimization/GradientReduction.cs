using NexusGen.Training.Distributed;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>
/// Adds float32 tensors over all ranks: large ones where they are, small ones together in a buffer, because each operation has a
/// latency.
/// </summary>
internal static class GradientReduction
{
    private const long BufferElements = 4 << 20, Large = 1 << 18;

    /// <summary>Replaces the tensors by their sums.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="tensors">The tensors, of the same sizes in the same order on all ranks.</param>
    public static void AllReduce(ICollectives collectives, IEnumerable<Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        List<Tensor> waiting = [];
        long filled = 0;
        foreach (Tensor tensor in tensors)
        {
            // Whether a gradient lies in one piece may differ between ranks; its size does not.
            if (tensor.numel() >= Large)
            {
                AllReduce(collectives, tensor);
                continue;
            }

            if (filled + tensor.numel() > BufferElements)
            {
                AllReduce(collectives, waiting, filled);
                waiting.Clear();
                filled = 0;
            }

            waiting.Add(tensor);
            filled += tensor.numel();
        }

        AllReduce(collectives, waiting, filled);
    }

    private static void AllReduce(ICollectives collectives, Tensor tensor)
    {
        if (tensor.is_contiguous() && tensor.device_type == collectives.Device.type)
        {
            collectives.AllReduce(tensor);
            return;
        }

        using var scope = NewDisposeScope();
        Tensor copy = tensor.to(collectives.Device).contiguous();
        collectives.AllReduce(copy);
        tensor.copy_(copy);
    }

    private static void AllReduce(ICollectives collectives, List<Tensor> tensors, long length)
    {
        if (length == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        Tensor buffer = empty([length], ScalarType.Float32, collectives.Device);
        Copy(toBuffer: true);
        collectives.AllReduce(buffer);
        Copy(toBuffer: false);

        void Copy(bool toBuffer)
        {
            long at = 0;
            foreach (Tensor tensor in tensors)
            {
                Tensor part = buffer.narrow(0, at, tensor.numel()).view(tensor.shape);
                _ = toBuffer ? part.copy_(tensor) : tensor.copy_(part);
                at += tensor.numel();
            }
        }
    }
}
