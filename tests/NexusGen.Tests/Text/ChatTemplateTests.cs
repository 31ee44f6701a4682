using System.Text.Json;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class ChatTemplateTests
{
    private const string Tiny = "models/tiny/Nexus-GenV2";

    public static TheoryData<string> Cases => TextCases.Names("chat-template");

    [Theory]
    [MemberData(nameof(Cases))]
    public void RendersAsTheReference(string name)
    {
        JsonElement @case = TextCases.Read("chat-template", name);
        JsonElement input = @case.GetProperty("input");
        ChatMessage[] messages = [.. input.GetProperty("messages").EnumerateArray().Select(Message)];
        string text = ChatTemplate.Render(messages, input.GetProperty("add_generation_prompt").GetBoolean()).ToString();
        Assert.Equal(@case.GetProperty("expected").GetProperty("text").GetString(), text);
    }

    [Fact]
    public void NoMessagesBringNoSystemPrompt()
    {
        Assert.Equal("", ChatTemplate.Render([], addGenerationPrompt: false).ToString());
        Assert.Equal("<|im_start|>assistant\n", ChatTemplate.Render([], addGenerationPrompt: true).ToString());
    }

    [Fact]
    public void TheOfficialTemplateIsKnown()
    {
        ChatTemplate.Verify(TextCases.Folder(Tiny));
        using TemporaryFolder empty = new();
        ChatTemplate.Verify(empty.Path);
    }

    [Theory]
    [InlineData("chat_template.json", "{\"chat_template\": \"{{ messages }}\"}")]
    [InlineData("chat_template.json", "{}")]
    [InlineData("chat_template.json", "nonsense")]
    [InlineData("chat_template.jinja", "{{ messages }}")]
    public void AnotherTemplateIsRefusedByName(string file, string content)
    {
        using TemporaryFolder folder = new();
        folder.Write(file, content);
        Assert.Contains(file, Assert.Throws<TokenizerException>(() => ChatTemplate.Verify(folder.Path)).Message);
    }

    private static ChatMessage Message(JsonElement message)
    {
        JsonElement content = message.GetProperty("content");
        return new ChatMessage(message.GetProperty("role").GetString()!, content.ValueKind == JsonValueKind.String
            ? [content.GetString()!]
            : [.. content.EnumerateArray().Select(Part)]);
    }

    private static ContentPart Part(JsonElement part) =>
        part.GetProperty("type").GetString() == "image" ? new ImagePart() : part.GetProperty("text").GetString()!;
}
