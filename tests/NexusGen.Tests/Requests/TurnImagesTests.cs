using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Requests;

/// <summary>Which image a turn of a conversation edits: one rule for all callers.</summary>
public sealed class TurnImagesTests
{
    private static readonly RgbImage Attached = RgbImage.FromBytes(new byte[12], 2, 2);
    private static readonly RgbImage Last = RgbImage.FromBytes(new byte[3], 1, 1);
    private static readonly RgbImage Other = RgbImage.FromBytes(new byte[6], 2, 1);

    [Theory]
    [InlineData(ChatAction.Auto, true, true)]
    [InlineData(ChatAction.Auto, false, false)]
    [InlineData(ChatAction.Draw, true, false)]
    [InlineData(ChatAction.Edit, true, true)]
    [InlineData(ChatAction.Edit, false, true)]
    [InlineData(ChatAction.Ask, true, true)]
    [InlineData(ChatAction.Ask, false, false)]
    public void WithoutAnAttachedImageTheActionDecides(ChatAction action, bool useLast, bool taken)
    {
        var images = TurnImages.Of(new ChatInput("x") { Action = action, UseLastImage = useLast }, Last);

        Assert.Same(taken ? Last : null, images.Source);
        Assert.Equal(taken ? 1 : 0, images.Images.Count);
    }

    [Theory]
    [InlineData(ChatAction.Auto)]
    [InlineData(ChatAction.Draw)]
    [InlineData(ChatAction.Edit)]
    [InlineData(ChatAction.Ask)]
    public void AnAttachedImageIsTheSource(ChatAction action)
    {
        var images = TurnImages.Of(new ChatInput("x") { Action = action, Images = [Attached] }, Last);

        Assert.Null(images.Source);
        Assert.Same(Attached, Assert.Single(images.Images));
    }

    [Fact]
    public void WithoutAnyImageOnlyAnEditIsAnError()
    {
        Assert.Empty(TurnImages.Of(new ChatInput("x"), null).Images);
        Assert.Empty(TurnImages.Of(new ChatInput("x") { Action = ChatAction.Ask }, null).Images);
        Assert.Contains(
            "no image to edit",
            Assert.Throws<NexusGenException>(() => TurnImages.Of(new ChatInput("x") { Action = ChatAction.Edit }, null)).Message);
    }

    [Fact]
    public void MessagesGetTheImagesThatTheirTurnsHad()
    {
        var builder = new ConversationBuilder();
        builder.AddUser("a cat", []);
        builder.AddAssistant("Here: <image>", [Last]);
        builder.AddUser("what is it?", []);
        builder.AddAssistant("A cat.", []);
        builder.AddUser("<image>And this?", [Attached]);
        builder.AddAssistant("A dog.", []);
        builder.AddUser("make it blue", []);
        builder.AddAssistant("<image>", [Other]);
        builder.AddUser("thanks", []);

        Conversation conversation = builder.Build();

        Assert.Equal(
            [[], [Last], [Attached], [Attached]], conversation.Turns.Select(turn => turn.Images.ToArray()).ToArray());
        Assert.Empty(conversation.Input.Images);
    }
}
