using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen.Jobs;

/// <summary>A request with every default filled in: the prompt, and how the reply and its images are generated.</summary>
internal sealed record GenerationPlan
{
    /// <summary>Gets the conversation, rendered by the chat template, with one image token for each image.</summary>
    public required PromptText Prompt { get; init; }

    /// <summary>Gets the images of the prompt in order, fitted to the model.</summary>
    public IReadOnlyList<PromptImage> Images { get; init; } = [];

    /// <summary>Gets how the reply is generated.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>Gets how its images are decoded.</summary>
    public required ImagePlan Image { get; init; }

    /// <summary>
    /// Gets how images are decoded that the reply announces as new ones (<see cref="NexusGenConfiguration.NewImageReplies"/>), or
    /// null if the reply does not decide.
    /// </summary>
    public ImagePlan? NewImage { get; init; }

    /// <summary>Plans a question about images.</summary>
    /// <exception cref="NexusGenException">A setting is out of range.</exception>
    public static GenerationPlan Of(UnderstandRequest request, ModelFiles files)
    {
        NexusGenConfiguration configuration = files.Configuration;
        int bound = request.MaxPixels ?? configuration.Defaults.MaxPixels, side = files.LanguageModel.Vision.EmbeddingSide;
        ContentPart[] parts = [.. request.Images.Select(_ => (ContentPart)new ImagePart()), request.Question];
        return new GenerationPlan
        {
            Prompt = Render(ChatMessage.User(parts)),
            Images = [.. request.Images.Select(image => new PromptImage(ImageFitting.ForUnderstanding(image, bound, side)))],
            Reply = request.Reply,
            Image = ImagePlan.Of(new ImageSettings(), configuration, configuration.Defaults.Generate, editing: false, null),
        };
    }

    /// <summary>Plans the generation of an image from text.</summary>
    /// <exception cref="NexusGenException">A setting is out of range.</exception>
    public static GenerationPlan Of(GenerateRequest request, ModelFiles files) => new()
    {
        Prompt = Render(Prompts.Generate(request.Description, request.Language)),
        Reply = request.Reply,
        Image = ImagePlan.Of(
            request.Settings, files.Configuration, files.Configuration.Defaults.Generate, editing: false, null),
    };

    /// <summary>Plans an edit.</summary>
    /// <exception cref="NexusGenException">A setting is out of range.</exception>
    public static GenerationPlan Of(EditRequest request, ModelFiles files) => new()
    {
        Prompt = Render(Prompts.Edit(request.Instruction)),
        Images =
        [
            new PromptImage(ImageFitting.BoundImage(
                request.Image,
                request.MaxPixels ?? files.Configuration.Defaults.MaxPixels,
                files.LanguageModel.Vision.EmbeddingSide)),
        ],
        Reply = request.Reply,
        Image = ImagePlan.Of(
            request.Settings,
            files.Configuration,
            files.Configuration.Defaults.Edit,
            request.Decoder != DecoderChoice.Generation,
            request.Image),
    };

    /// <summary>Renders a conversation up to the reply.</summary>
    public static PromptText Render(params IReadOnlyList<ChatMessage> messages) =>
        ChatTemplate.Render(messages, addGenerationPrompt: true);

    /// <summary>
    /// Gets the options that the language model generates with: those of the plan, and the defaults of the model for the rest.
    /// </summary>
    /// <param name="files">The model's files.</param>
    public GenerationOptions GenerationOptions(ModelFiles files)
    {
        SamplingOptions own = files.Generation.Sampling;
        return new GenerationOptions
        {
            MaxNewTokens = Reply.MaxNewTokens,
            EosTokenIds = files.Generation.EosTokenIds,
            ImageGrid = files.Configuration.Grids.Drawn,
            Plain = files.Configuration.PlainAutoregression,
            Positions = Reply.Positions ?? files.Configuration.Defaults.Positions,
            ForceImage = Reply.ForceImage,
            TextOnly = Reply.TextOnly,
            Sampling = own with
            {
                Temperature = Reply.Temperature ?? own.Temperature,
                TopK = Reply.TopK ?? own.TopK,
                TopP = Reply.TopP ?? own.TopP,
                RepetitionPenalty = Reply.RepetitionPenalty ?? own.RepetitionPenalty,
                Seed = Reply.Seed,
            },
        };
    }
}
