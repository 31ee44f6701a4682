using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Tests.Jobs;

/// <summary>
/// A model that was trained to choose says before an image whether it is a new one. The small model was not, so its lead of
/// edits stands for one.
/// </summary>
[Collection(Alone.Name)]
public sealed class SourceChoiceTests
{
    [Theory]
    [InlineData("Here is the image: ", ChatAction.Auto, DecoderChoice.Generation)]
    [InlineData("Here is something new: ", ChatAction.Auto, DecoderChoice.Editing)]
    [InlineData("Here is the image: ", ChatAction.Edit, DecoderChoice.Editing)]
    public async Task TheReplyDecidesOnlyIfTheTurnLeavesItOpen(string newImage, ChatAction action, DecoderChoice decoder)
    {
        using var folder = new TemporaryFolder();
        string tiny = ModelFinder.FindTiny();
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(tiny, "nexus-gen.json")))!;
        configuration["new_image_replies"] = new JsonArray(newImage);
        File.WriteAllText(folder["nexus-gen.json"], configuration.ToJsonString());
        File.Copy(Path.Combine(tiny, "empty-prompt.safetensors"), folder["empty-prompt.safetensors"]);
        using var model = NexusGenModel.Open(folder.Path, new NexusGenOptions
        {
            Paths = new ModelPathOverrides
            {
                LanguageModel = Path.Combine(tiny, ModelPaths.LanguageModelFolder),
                GenerationDecoder = Path.Combine(tiny, ModelPaths.LanguageModelFolder, "generation_decoder.safetensors"),
                EditingDecoder = Path.Combine(tiny, ModelPaths.LanguageModelFolder, "edit_decoder.safetensors"),
                Flux = Path.Combine(tiny, "FLUX", "FLUX.1-dev"),
            },
        });
        Chat chat = model.StartChat();
        await chat.ReplyAsync(new ChatInput("a red star"));

        Reply edited = await chat.ReplyAsync(new ChatInput("make the star blue") { Action = action });

        Assert.StartsWith("Here is the image: ", edited.Text);
        Assert.Equal(decoder, Assert.Single(edited.Images).Decoder);
    }

    [Fact]
    public async Task ALaterTurnEditsTheImageAsItWasGenerated()
    {
        using var model = NexusGenModel.Open(ModelFinder.FindTiny());
        Chat plain = model.StartChat(), resized = model.StartChat();
        var settings = new ImageSettings { Width = 320, Height = 160 };
        await plain.ReplyAsync(new ChatInput("a red star"));
        Reply wide = await resized.ReplyAsync(new ChatInput("a red star") { Settings = settings });
        Assert.Equal((320, 160), (wide.Images[0].Image.Width, wide.Images[0].Image.Height));
        Assert.Equal(plain.LastImage, resized.LastImage);

        Reply edited = await plain.ReplyAsync(new ChatInput("make the star blue"));
        Reply alike = await resized.ReplyAsync(new ChatInput("make the star blue") { Settings = settings });

        Assert.Equal(ImageFitting.Contain(edited.Images[0].Image, 320, 160), alike.Images[0].Image);
    }

    [Fact]
    public async Task AQuestionGetsWordsEvenIfTheModelWouldGenerateAnImage()
    {
        using var model = NexusGenModel.Open(ModelFinder.FindTiny());
        Chat chat = model.StartChat();

        Reply reply = await chat.ReplyAsync(new ChatInput("a red star") { Action = ChatAction.Ask });

        Assert.Empty(reply.Images);
        Assert.DoesNotContain("<image>", reply.Text);
    }
}
