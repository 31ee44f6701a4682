using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

internal sealed record ToyBatch(Tensor Inputs, Tensor Targets) : IDisposable
{
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }
}
