using NexusGen.Core;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class PromptsTests
{
    [Theory]
    [InlineData("draw-en", "A red cube on a blue table.", Language.English)]
    [InlineData("draw-zh", "一只猫坐在窗台上。", Language.Chinese)]
    public void GenerateAsTheReference(string name, string description, Language language) =>
        Assert.Equal(Prompt(name), Render(Prompts.Generate(description, language)));

    [Fact]
    public void EditAsTheReference()
    {
        Assert.Equal(Prompt("edit"), Render(Prompts.Edit("Add a pair of sunglasses.")));
        Assert.Equal(1, Prompts.Edit("Add a pair of sunglasses.").ImageCount);
    }

    [Fact]
    public void UnderstandAsTheReference() =>
        Assert.Equal(Prompt("describe"), Render(Prompts.Understand("Please give a brief description of the image.")));

    [Fact]
    public void AnInstructionMaySayWhereImagesStand()
    {
        ChatMessage message = Prompts.Edit("Put <image> into<image>");
        Assert.Equal([new TextPart("Put "), new ImagePart(), new TextPart(" into"), new ImagePart()], message.Content);
        Assert.Equal(2, message.ImageCount);
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("text", 1, 0)]
    [InlineData("<image>", 1, 1)]
    [InlineData("<image><image>x", 3, 2)]
    public void TextIsCutAtItsTags(string text, int parts, int images)
    {
        IReadOnlyList<ContentPart> parsed = Prompts.ParseImageTags(text);
        Assert.Equal(parts, parsed.Count);
        Assert.Equal(images, parsed.OfType<ImagePart>().Count());
    }

    [Fact]
    public void BracesInADescriptionStay() =>
        Assert.EndsWith("a {cat} {}", ((TextPart)Prompts.Generate("a {cat} {}").Content[0]).Text);

    private static string Prompt(string name) =>
        TextCases.Read("generate", name).GetProperty("input").GetProperty("prompt").GetString()!;

    private static string Render(ChatMessage message) =>
        ChatTemplate.Render([message], addGenerationPrompt: true).ToString();
}
