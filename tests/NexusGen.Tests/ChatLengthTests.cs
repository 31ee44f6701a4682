using NexusGen.Autoregressive;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests;

/// <summary>Conversations that are longer than the model can read: 4096 tokens.</summary>
public sealed class ChatLengthTests : IDisposable
{
    private static readonly RgbImage Image = RgbImage.FromBytes(new byte[28 * 28 * 3], 28, 28);
    private static readonly string Long = string.Concat(Enumerable.Repeat("Is that number odd? ", 40));

    private readonly NexusGenModel _model = NexusGenModel.Open(ModelFinder.FindTiny());

    public void Dispose() => _model.Dispose();

    [Fact]
    public void TheOldestTurnsAreRemovedUntilTheReplyFits()
    {
        ChatTurn[] turns = [.. Enumerable.Range(0, 20).Select(i => new ChatTurn(new ChatInput($"{i}: {Long}"), [], "No.", []))];
        Chat chat = _model.StartChat("Be brief.", turns);
        Assert.Throws<ContextLengthException>(() => chat.CheckLength(new ChatInput("Hello")));
        chat.RemoveOldestTurns(new ChatInput("Hello"));
        chat.CheckLength(new ChatInput("Hello"));
        Assert.Equal(turns[^chat.Turns.Count..], chat.Turns);

        // As many as fit, with as much room for the reply as it may take, but not more than a quarter of the context.
        int kept = chat.Turns.Count;
        Assert.InRange(kept, 2, 19);
        chat = _model.StartChat("Be brief.", turns);
        chat.RemoveOldestTurns(new ChatInput("Hello") { Reply = new ReplySettings { MaxNewTokens = 1 } });
        Assert.InRange(chat.Turns.Count, kept + 1, 19);

        chat = _model.StartChat(null, turns[..2]);
        chat.RemoveOldestTurns(new ChatInput("Hello"));
        Assert.Equal(2, chat.Turns.Count);
        ChatInput alone = new(string.Concat(Enumerable.Repeat(Long, 30)));
        ContextLengthException error = Assert.Throws<ContextLengthException>(() => chat.RemoveOldestTurns(alone));
        Assert.Contains("maximum context length is 4,096 tokens", error.Message);
    }

    [Fact]
    public void AnImageOfARemovedTurnIsStillTheSource()
    {
        Chat chat = _model.StartChat(
            null,
            [
                new ChatTurn(new ChatInput("a star"), [], "Here: <image>", [Image]),
                .. Enumerable.Range(0, 20).Select(i => new ChatTurn(new ChatInput(Long), [], "No.", [])),
            ]);
        ChatInput input = chat.RemoveOldestTurns(new ChatInput("Make it blue.") { Action = ChatAction.Edit });
        Assert.Null(chat.LastImage);
        Assert.Same(Image, Assert.Single(input.Images));
    }

    [Fact]
    public async Task TheTokensOfImagesCount()
    {
        Chat chat = _model.StartChat();
        var input = new ChatInput("What is this?") { Images = [Image, Image], Reply = new ReplySettings { MaxNewTokens = 1 } };
        Reply reply = await chat.ReplyAsync(input);
        Assert.Equal(reply.PromptTokenCount, _model.StartChat().Length(input, 0));
    }
}
