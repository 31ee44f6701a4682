using NexusGen.Core;
using NexusGen.Torch;
using TorchSharp;

namespace NexusGen.Tests.Torch;

/// <summary>Opening devices by name.</summary>
public sealed class DevicesTests
{
    [Fact]
    public void TheProcessorIsAlwaysThere() => Assert.Equal(DeviceType.CPU, Devices.Open("cpu").type);

    [Theory]
    [InlineData("tpu", "Unknown device \"tpu\"")]
    [InlineData("cudas", "Unknown device \"cudas\"")]
    [InlineData("cuda:99", "\"cuda:99\" is not available")]
    public void WhatIsNotThereIsSaidInASentence(string name, string said)
    {
        string message = Assert.Throws<NexusGenException>(() => Devices.Open(name)).Message;
        Assert.Contains(said, message);
        Assert.DoesNotContain('\n', message);
    }
}
