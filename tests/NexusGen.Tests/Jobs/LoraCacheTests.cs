using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Tests.Lora;
using static TorchSharp.torch;

namespace NexusGen.Tests.Jobs;

public sealed class LoraCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFiles _files = new(ModelPaths.Find(ReferenceFolder.TinyModel));
    private readonly LoraTargets _targets;

    public LoraCacheTests() => _targets = new(_files);

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    // Files in use stay; of the others, the least recently used go first.
    [Fact]
    public async Task MemoryIsBoundedAndTheLeastUsedGo()
    {
        LoraSettings[] loras =
        [
            .. Enumerable.Range(0, 3).Select(i =>
                new LoraSettings(RandomLora.WriteFlux(ReferenceFolder.TinyModel, _folder[$"{i}.safetensors"], (ulong)i))),
        ];
        long held = 0, each;
        using (var probe = new LoraCache(CPU, long.MaxValue, bytes => held = bytes))
        {
            using LoraLease lease = await Lease(probe, loras[0]);
            each = held;
        }

        Assert.True(each > 1000);
        using var cache = new LoraCache(CPU, 2 * each, bytes => held = bytes);
        LoraLease[] all = [await Lease(cache, loras[0]), await Lease(cache, loras[1]), await Lease(cache, loras[2])];
        Assert.Equal((3, 3 * each), (cache.Count, held));
        all[1].Dispose();
        Assert.Equal((2, 2 * each), (cache.Count, held));
        all[0].Dispose();
        all[2].Dispose();
        all[2].Dispose();
        Assert.Equal(2, cache.Count);
        (await Lease(cache, loras[0])).Dispose();
        (await Lease(cache, loras[1])).Dispose();
        Assert.Equal((2, 2 * each), (cache.Count, held));
        cache.Trim();
        Assert.Equal((0, 0), (cache.Count, held));
    }

    [Fact]
    public async Task AFileThatFailedIsReadAgainTheNextTime()
    {
        using var cache = new LoraCache(CPU, long.MaxValue, _ => { });
        var lora = new LoraSettings(_folder.Write("late.safetensors", "nothing"));
        await Assert.ThrowsAnyAsync<NexusGen.Core.NexusGenException>(() => Lease(cache, lora));
        Assert.Equal(0, cache.Count);
        File.Delete(lora.Path);
        RandomLora.WriteFlux(ReferenceFolder.TinyModel, lora.Path, 1);
        using LoraLease lease = await Lease(cache, lora);
        Assert.NotNull(lease.Of());
    }

    private Task<LoraLease> Lease(LoraCache cache, LoraSettings lora) =>
        cache.AcquireAsync(() => _targets.GenerationDecoder, [lora]);
}
