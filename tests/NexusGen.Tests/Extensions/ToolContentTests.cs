using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Extensions;

/// <summary>Tool calls of other models in a history, and options that the model can't meet.</summary>
public sealed class ToolContentTests
{
    [Fact]
    public void CallsAndResultsAreReadAsText()
    {
        Conversation conversation = Read(
            new ChatMessage(ChatRole.User, "What is the weather?"),
            new ChatMessage(
                ChatRole.Assistant,
                [new FunctionCallContent("1", "weather", new Dictionary<string, object?> { ["city"] = "北京", ["days"] = 2 })]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "sunny")]),
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("2", "now")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("2", new Dictionary<string, object?> { ["hour"] = 3 })]));
        string all = string.Join(
            "|", conversation.Turns.Select(turn => $"{turn.Input?.Text}|{turn.ReplyText}").Append(conversation.Input.Text));
        Assert.Contains(
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\":\"北京\",\"days\":2}}\n</tool_call>", all);
        Assert.Contains("<tool_response>\nsunny\n</tool_response>", all);
        Assert.Contains("{\"name\": \"now\", \"arguments\": {}}", all);
        Assert.Contains("{\"hour\":3}", all);
    }

    [Fact]
    public void AnImageOfAToolIsRead()
    {
        byte[] png = ImageFile.Encode(RgbImage.FromBytes(new byte[28 * 28 * RgbImage.Channels], 28, 28), ImageFormat.Png);
        Conversation conversation = Read(
            new ChatMessage(ChatRole.User, "Look"),
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "camera")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new DataContent(png, "image/png"))]));
        Assert.Single(conversation.Input.Images);
    }

    [Fact]
    public void WhatTheModelCantGuaranteeIsRefused()
    {
        ChatMessage[] messages = [new(ChatRole.User, "Hello")];
        Assert.Contains("ResponseFormat", Assert.Throws<NexusGenException>(
            () => Read(new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, messages)).Message);
        Assert.Contains("ToolMode", Assert.Throws<NexusGenException>(
            () => Read(new ChatOptions { ToolMode = ChatToolMode.RequireAny }, messages)).Message);
        var possible = new ChatOptions { ResponseFormat = ChatResponseFormat.Text, ToolMode = ChatToolMode.Auto };
        Assert.Equal("Hello", Read(possible, messages).Input.Text);
    }

    private static Conversation Read(params ChatMessage[] messages) => Read(new ChatOptions(), messages);

    private static Conversation Read(ChatOptions options, ChatMessage[] messages) =>
        ConversationReader.Read(messages, options, new NexusGenClientOptions());
}
