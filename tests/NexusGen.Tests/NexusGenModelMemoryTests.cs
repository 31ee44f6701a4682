using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Requests;
using static TorchSharp.torch;

namespace NexusGen.Tests;

/// <summary>Tests that an open model answers many requests without using more memory.</summary>
[Collection(Alone.Name)]
public sealed class NexusGenModelMemoryTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("nexusgen").FullName;
    private readonly NexusGenModel _model;

    public NexusGenModelMemoryTests() => _model = NexusGenModel.Open(
        ReferenceFolder.TinyModel, new NexusGenOptions { Precision = Precision.Float32, CacheFolder = _cache });

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public Task MemoryIsFlatOverAFewRequests() => MemoryIsFlat(30);

    [Fact]
    [Trait("Category", "Slow")]
    public Task MemoryIsFlatOverAThousandRequests() => MemoryIsFlat(1000);

    private async Task MemoryIsFlat(int requests)
    {
        var request = new GenerateRequest("A red cube on a blue table.")
        {
            Settings = new() { Width = 64, Height = 64, Steps = 1, CfgScale = 1 }
        };
        await _model.GenerateAsync(request);
        await _model.GenerateAsync(request);
        long before = ResidentBytes(), tensors = Tensor.TotalCount;
        for (int i = 0; i < requests; i++)
        {
            await _model.GenerateAsync(request);
        }

        Assert.InRange(Tensor.TotalCount, 0, tensors);

        // A leak of the latents alone would be larger; the bound only allows for the variation of the allocator.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 120_000_000);
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }
}
