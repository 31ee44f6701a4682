using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Jobs;
using NexusGen.Tests.Autoregressive;

namespace NexusGen.Tests.Jobs;

/// <summary>Everything runs on the thread of an engine, which records no gradients.</summary>
public sealed class ContinuousBatcherRoomTests : IDisposable
{
    private readonly LanguageModel _model = SmallModel.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task RoomIsGivenInTheOrderOfArrival()
    {
        using var engine = new InferenceEngine();
        var batcher = new ContinuousBatcher(2, engine.Wake);
        List<string> order = [];
        Task<BatcherSlot> Join(string name, CancellationToken cancellationToken = default) => engine.RunAsync(
            async job =>
            {
                await batcher.WaitForRoomAsync(1, job);
                order.Add(name);
                return ContinuousBatcherTests.Begin(_model, batcher, 1, tokens: 60);
            },
            cancellationToken);
        Task Leave(BatcherSlot slot) => engine.RunAsync(job =>
        {
            slot.Dispose();
            slot.Dispose();
            return Task.FromResult(0);
        });

        BatcherSlot first = await Join("first"), second = await Join("second");
        using var gaveUp = new CancellationTokenSource();
        Task<BatcherSlot> third = Join("third"), fourth = Join("fourth", gaveUp.Token), fifth = Join("fifth");
        await engine.RunAsync(async job =>
        {
            await job.NextStep();
            return 0;
        });
        Assert.Equal(["first", "second"], order);
        await Leave(first);
        BatcherSlot joined = await third;
        gaveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        await Leave(second);
        await Leave(await fifth);
        await Leave(joined);
        Assert.Equal(["first", "second", "third", "fifth"], order);
    }
}
