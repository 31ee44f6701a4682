using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Extensions;

/// <summary>Text and images are in the order of the reply, although all text is generated first.</summary>
public sealed class ReplyOrderTests
{
    [Fact]
    public void WordsBehindAPictureComeBehindIt()
    {
        var order = new ReplyOrder();
        List<string> told = [];
        void Tell(ReplyUpdate update) => told.AddRange(order.Next(update).Select(next => next switch
        {
            ReplyUpdate.TextDelta text => text.Text,
            ReplyUpdate.ImageFinished { Image.Index: var index } => $"image {index}",
            _ => next.GetType().Name,
        }));
        Tell(new ReplyUpdate.TextDelta("first "));
        Assert.Equal(["first "], told);
        Tell(new ReplyUpdate.ImageStarted(0));
        Tell(new ReplyUpdate.TextDelta("second "));
        Tell(new ReplyUpdate.ImageStarted(1));
        Tell(new ReplyUpdate.TextDelta("third"));
        Assert.Equal(["first "], told);
        Tell(new ReplyUpdate.Denoising(0, 1, 2));
        Tell(Finished(0));
        Tell(Finished(0));
        Assert.Equal(["first ", "Denoising", "image 0", "image 0"], told);
        told.Clear();
        Tell(new ReplyUpdate.Denoising(1, 1, 2));
        Tell(Finished(1));
        Assert.Equal(["second ", "Denoising", "image 1"], told);
        told.Clear();
        Tell(new ReplyUpdate.Finished(new Reply("", "", [], NexusGen.Autoregressive.FinishReason.EndOfReply)));
        Assert.Equal(["third", "Finished"], told);
    }

    private static ReplyUpdate.ImageFinished Finished(int index) => new(new OutputImage(
        RgbImage.FromBytes(new byte[12], 2, 2), index, null!, DecoderChoice.Generation, new ImageSettings(), 1));
}
