using NexusGen.Autoregressive;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Replies leave no tensor behind.</summary>
[Collection(Alone.Name)]
public class ReplyMemoryTests
{
    [Fact]
    public void MemoryIsFlatOverManyReplies()
    {
        using var scope = NewDisposeScope();
        var grid = new GridThw(1, 4, 10);
        using LanguageModel model = SmallModel.Create(grid);
        ReplyPrompt[] prompts = [SmallModel.Prompt(9, new GridThw(1, 6, 4)), SmallModel.Prompt(3)];
        void Reply() => SmallModel.Run(model, [.. prompts.Select((prompt, i) => (prompt, SmallModel.Options(grid, (ulong)(5 - i), 25) with { EosTokenIds = [] }))]).Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Reply();
        long before = Tensor.TotalCount;
        long peak = Tensor.PeakCount;
        for (int i = 0; i < 50; i++)
        {
            Reply();
            Assert.Equal(before, Tensor.TotalCount);
        }

        Assert.Equal(peak, Tensor.PeakCount);
    }
}
