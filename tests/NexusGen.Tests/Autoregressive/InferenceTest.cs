using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>
/// The base of tests without gradients, whose tensors are freed at the end of the test. Both are states of the thread, so its
/// tests are not asynchronous: they would leave the state behind on the thread that began them, for another test to fail.
/// </summary>
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
