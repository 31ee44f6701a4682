using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Requests;

namespace NexusGen.Tests.Server;

/// <summary>Messages of every API become the same conversation of the model.</summary>
public sealed class RequestMessageTests
{
    private static readonly RgbImage Pixels = RgbImage.FromBytes(new byte[12], 2, 2);

    [Fact]
    public void MessagesBecomeTurnsWithTheirImages()
    {
        var settings = new ImageSettings { Steps = 3 };
        var reply = new ReplySettings { MaxNewTokens = 5 };
        Conversation conversation = RequestMessage.ToConversation(
            [
                Message(MessageRole.System, "Be brief, as <image>this: ", Pixels),
                Message(MessageRole.User, Pixels, "What is ", "this? A typed <image> is none."),
                Message(MessageRole.Assistant, "A wall: ", Pixels, "."),
                Message(MessageRole.User, "Make it"),
                Message(MessageRole.User, "blue."),
            ],
            new ChatInput("") { Action = ChatAction.Edit, Reply = reply, Settings = settings },
            "Speak <image>English.");
        Assert.Equal("Be brief, as this: <image>\nSpeak English.", conversation.SystemPrompt);
        Assert.Same(Pixels, Assert.Single(conversation.SystemImages));
        ChatTurn turn = Assert.Single(conversation.Turns);
        Assert.Equal("<image>What is this? A typed  is none.", turn.Input!.Text);
        Assert.Equal("A wall: <image>.", turn.ReplyText);
        Assert.Equal((Pixels, Pixels), (Assert.Single(turn.Images), Assert.Single(turn.GeneratedImages)));
        Assert.Equal(("Make it\nblue.", ChatAction.Edit), (conversation.Input.Text, conversation.Input.Action));
        Assert.Equal((reply, settings), (conversation.Input.Reply, conversation.Input.Settings));
    }

    [Fact]
    public void AnImageOfTheLastMessageBelongsToItsTurn()
    {
        Conversation conversation = RequestMessage.ToConversation(
            [Message(MessageRole.Assistant, Pixels), Message(MessageRole.User, "Make it blue.", Pixels)],
            new ChatInput(""));
        Assert.Null(conversation.Turns[0].Input);
        Assert.Same(Pixels, Assert.Single(conversation.Input.Images));
        Assert.Equal("Make it blue.<image>", conversation.Input.Text);
    }

    [Fact]
    public void TheTextIsCountedAsItWasSent()
    {
        RequestMessage message = Message(MessageRole.User, "<image>", Pixels, "abc");
        Assert.Equal(("<image>abc", 10), (message.Text, message.TextLength));
    }

    private static RequestMessage Message(MessageRole role, params object[] contents)
    {
        var message = new RequestMessage(role);
        foreach (object content in contents)
        {
            if (content is string text)
            {
                message.Add(text);
            }
            else
            {
                message.Add(new RequestImage { Pixels = (RgbImage)content });
            }
        }

        return message;
    }
}
