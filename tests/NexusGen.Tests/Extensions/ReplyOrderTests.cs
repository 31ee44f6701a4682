using Microsoft.Extensions.AI;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Extensions;

/// <summary>Words and pictures in the order of the reply, though all words are written first.</summary>
public sealed class ReplyOrderTests
{
    [Fact]
    public void WordsBehindAPictureComeBehindIt()
    {
        var order = new ReplyOrder();
        List<string> told = [];
        void Tell(ReplyUpdate update) => told.AddRange(order.Next(update).Select(content => content is TextContent text ? text.Text : ((DataContent)content).Name!));
        Tell(new ReplyUpdate.TextDelta("first "));
        Assert.Equal(["first "], told);
        Tell(new ReplyUpdate.DrawingStarted(0));
        Tell(new ReplyUpdate.TextDelta("second "));
        Tell(new ReplyUpdate.DrawingStarted(1));
        Tell(new ReplyUpdate.TextDelta("third"));
        Tell(new ReplyUpdate.Denoising(0, 1, 2));
        Assert.Equal(["first "], told);
        Tell(Finished(0));
        Tell(Finished(0));
        Assert.Equal(["first ", "picture-1.png", "picture-1.png"], told);
        Tell(new ReplyUpdate.Denoising(1, 1, 2));
        Assert.Equal("second ", told[^1]);
        Tell(Finished(1));
        Assert.Equal(["first ", "picture-1.png", "picture-1.png", "second ", "picture-2.png"], told);
        Tell(new ReplyUpdate.Finished(new TextReply("", "", [], NexusGen.Autoregressive.FinishReason.EndOfReply)));
        Assert.Equal("third", told[^1]);
        Assert.Equal(6, told.Count);
    }

    private static ReplyUpdate.PictureFinished Finished(int index) => new(new DrawnPicture(
        RgbImage.FromBytes(new byte[12], 2, 2), index, null!, DecoderChoice.Generation, new PictureSettings(), 1));
}
