using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Extensions;

/// <summary>Messages become turns of a conversation, and options become settings.</summary>
public sealed class ConversationTests
{
    private static readonly RgbImage Picture = RgbImage.FromBytes(new byte[28 * 28 * 3], 28, 28);
    private static readonly NexusGenClientOptions Options = new();

    private static DataContent Content => new(ImageFile.Encode(Picture, ImageFormat.Png), "image/png");

    [Fact]
    public void MessagesOfOneSideAreOneTurnAndPicturesStandWhereTheyStood()
    {
        Conversation conversation = ConversationReader.Read(
            [
                new(ChatRole.System, "Be brief."),
                new(ChatRole.Assistant, "Good day!"),
                new(ChatRole.User, [new TextContent("What is "), Content, new TextContent("? A typed <image> is no picture.")]),
                new(ChatRole.Assistant, [new TextContent("A wall: "), Content, new TextContent(".")]),
                new(ChatRole.User, "And now"),
                new(ChatRole.User, "draw it."),
            ],
            new ChatOptions { Instructions = "Speak English." },
            Options);
        Assert.Equal("Be brief.\nSpeak English.", conversation.SystemPrompt);
        Assert.Equal(2, conversation.Turns.Count);
        Assert.Null(conversation.Turns[0].Input);
        Assert.Equal("What is <image>? A typed  is no picture.", conversation.Turns[1].Input!.Text);
        Assert.Equal(
            ("A wall: <image>.", 1, 1),
            (conversation.Turns[1].ReplyText, conversation.Turns[1].GeneratedImages.Count, conversation.Turns[1].Images.Count));
        Assert.Equal("And now\ndraw it.", conversation.Input.Text);
    }

    [Theory]
    [InlineData(true, null, false, true)]
    [InlineData(true, false, false, false)]
    [InlineData(false, null, false, false)]
    [InlineData(false, true, false, true)]
    [InlineData(true, null, true, false)]
    public void TheLastImageIsAttachedUnlessSomethingElseIsSaid(bool client, bool? call, bool bringsOne, bool selected)
    {
        var options = new ChatOptions
        {
            AdditionalProperties = call is { } value ? new() { [NexusGenProperties.SelectLastPicture] = value } : null
        };
        Conversation conversation = ConversationReader.Read(
            [
                new(ChatRole.User, "Draw a wall."), new(ChatRole.Assistant, [new TextContent("Here: "), Content]),
                new(ChatRole.User, bringsOne ? [new TextContent("Make it blue."), Content] : [new TextContent("Make it blue.")]),
            ],
            options,
            Options with { SelectLastPicture = client });
        Assert.Equal(bringsOne ? 1 : 0, conversation.Input.Images.Count);
        RgbImage last = conversation.Turns[0].GeneratedImages[0];
        Assert.Equal(selected ? last : null, TurnImages.Of(conversation.Input, last).Source);
    }

    [Fact]
    public void OptionsAreSettings()
    {
        var options = new ChatOptions
        {
            Temperature = 0.5f,
            TopP = 0.9f,
            TopK = 7,
            Seed = 11,
            MaxOutputTokens = 33,
            StopSequences = ["END", ""],
            AdditionalProperties = new()
            {
                ["repetition_penalty"] = 1.1,
                ["steps"] = System.Text.Json.JsonDocument.Parse("4").RootElement,
                ["cfg_scale"] = "2.5",
                ["width"] = 64L,
                ["negative_prompt"] = "rain",
                ["unknown"] = new object(),
            },
        };
        ChatInput input = ConversationReader.Read([new(ChatRole.User, "Hi")], options, Options).Input;
        Assert.Equal(
            (0.5, 7, 11ul, 33, 1.1),
            (
                input.Reply.Temperature,
                input.Reply.TopK,
                input.Reply.Seed,
                input.Reply.MaxNewTokens,
                input.Reply.RepetitionPenalty));
        Assert.Equal(0.9, input.Reply.TopP!.Value, 5);
        Assert.Equal(["END"], input.Reply.StopSequences);
        Assert.Equal(
            (4, 2.5, 64, "rain", 11ul),
            (
                input.Settings.Steps,
                input.Settings.CfgScale,
                input.Settings.Width,
                input.Settings.NegativePrompt,
                input.Settings.Seed));
    }

    [Fact]
    public void ASeedIsRandomUnlessGiven()
    {
        ChatInput Read(ChatOptions? options) => ConversationReader.Read([new(ChatRole.User, "Hi")], options, Options).Input;
        ChatInput first = Read(null), other = Read(null), asked = Read(new() { Seed = -1 });
        ChatInput own = Read(new() { Seed = 3, AdditionalProperties = new() { ["seed"] = -1 } });

        Assert.Equal(first.Reply.Seed, first.Settings.Seed);
        Assert.NotEqual(first.Reply.Seed, other.Reply.Seed);
        Assert.InRange(asked.Reply.Seed, 0ul, uint.MaxValue);
        Assert.Equal(3ul, own.Reply.Seed);
        Assert.NotEqual(3ul, own.Settings.Seed);
    }

    [Fact]
    public void WhatCannotBeUnderstoodIsSaid()
    {
        static string Said(ChatMessage message, AdditionalPropertiesDictionary? properties = null) =>
            Assert.Throws<NexusGenException>(
                () => ConversationReader.Read([message], new ChatOptions { AdditionalProperties = properties }, Options)).Message;
        Assert.Contains("nothing to answer", Said(new ChatMessage(ChatRole.Assistant, "I speak.")));
        Assert.Contains("steps must be a whole number", Said(new ChatMessage(ChatRole.User, "Hi"), new() { ["steps"] = "many" }));
        Assert.Contains(
            "not fetched",
            Said(new ChatMessage(ChatRole.User, [new UriContent("http://example.com/a.png", "image/png")])));
        Assert.Contains(
            "outside the allowed folders",
            Said(new ChatMessage(ChatRole.User, [new UriContent(new Uri(Path.GetFullPath("a.png")), "image/png")])));
    }

    [Fact]
    public void FilesAreReadFromAllowedFoldersAndNotThroughLinksOutOfThem()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["allowed"]);
        Directory.CreateDirectory(folder["secret"]);
        ImageFile.Write(folder["allowed/a.png"], Picture);
        ImageFile.Write(folder["secret/b.png"], Picture);
        NexusGenClientOptions options = Options with { AllowedFolders = [folder["allowed"]] };
        RgbImage Read(string path) => ImageContents.Read(new UriContent(new Uri(path), "image/png"), options);
        Assert.Equal(28, Read(folder["allowed/a.png"]).Width);
        string dataUri = $"data:image/png;base64,{Convert.ToBase64String(ImageFile.Encode(Picture, ImageFormat.Png))}";
        Assert.Equal(28, ImageContents.Read(new UriContent(dataUri, "image/png"), options).Width);
        Assert.Throws<NexusGenException>(() => Read(folder["secret/b.png"]));
        Assert.Throws<NexusGenException>(() => Read(folder["allowed/../secret/b.png"]));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder["allowed/link.png"], folder["secret/b.png"]);
            Directory.CreateSymbolicLink(folder["allowed/folder"], folder["secret"]);
            Assert.Throws<NexusGenException>(() => Read(folder["allowed/link.png"]));
            Assert.Throws<NexusGenException>(() => Read(folder["allowed/folder/b.png"]));
        }
    }
}
