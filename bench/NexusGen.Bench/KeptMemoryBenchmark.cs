using NexusGen.Diffusion.Autoencoder;
using NexusGen.Torch.Native;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// What it costs to take each large tensor from the system anew instead of keeping the memory that was freed, as a training and a
/// preparation do: the small model's autoencoder encodes 32 pictures of 112×112.
/// </summary>
internal static class KeptMemoryBenchmark
{
    private static AutoencoderConfiguration Small { get; } = new() { Ch = 32, ChMult = [1, 1, 2, 2], NumResBlocks = 1, NormGroups = 8 };

    public static void Run()
    {
        using var encoder = new AutoencoderEncoder(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(ScalarType.Float32))), Small);
        Tensor pictures = rand([32, 3, 112, 112], device: Machine.Device);
        void Encode()
        {
            for (int i = 0; i < 12; i++)
            {
                encoder.Forward(pictures).Dispose();
            }
        }

        new Comparison("encoding with memory given back") { FloorName = "kept", Rounds = 5 }.Run(
            Encode,
            () =>
            {
                using var heap = new NativeHeap();
                Encode();
            });
    }
}
