using System.Runtime.InteropServices;
using NexusGen.Torch.Native;

namespace NexusGen.Tests.Torch;

/// <summary>Loading libtorch.</summary>
public sealed class NativeRuntimeTests
{
    [Fact]
    public void LibtorchSpeaksOfErrorsAlone()
    {
        NativeRuntime.EnsureLoaded();
        Assert.NotEqual(0, NativeRuntime.LogLevel);
        Assert.Equal(2, Marshal.ReadInt32(NativeRuntime.LogLevel));
    }
}
