using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>The base of tests without gradients, whose tensors are freed at the end of the test.</summary>
public abstract class InferenceTest : IDisposable
{
    private readonly IDisposable _inference = no_grad();
    private readonly IDisposable _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _inference.Dispose();
        GC.SuppressFinalize(this);
    }
}
