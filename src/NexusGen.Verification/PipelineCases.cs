using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Cases of the official scripts, end to end.</summary>
internal static class PipelineCases
{
    public static CaseOutput Generate(ReferenceCase reference, ReferenceModels models)
    {
        Language language = reference.Value("language", "en") == "zh" ? Language.Chinese : Language.English;
        return Draw(reference, models, Prompts.Generate(reference.Value<string>("prompt"), language), [], editing: false, null);
    }

    public static CaseOutput Edit(ReferenceCase reference, ReferenceModels models)
    {
        RgbImage image = reference.Picture(reference.Value<string>("image"));
        RgbImage bounded = ImageFitting.BoundImage(image, reference.Value("max_pixels", ImageFitting.DefaultMaxPixels));
        bool editing = reference.Value("decoder", "editing") == "editing";
        PromptReader reader = models.Reader(reference);
        Tensor? source = null;
        if (editing)
        {
            (int width, int height) = reader.SizeOf(models.Files(reference).Configuration.Grids.Source);
            source = reader.Look(Resampler.Resize(image, width, height, ResampleFilter.Bilinear), models.Eye(reference)).Embeddings.unsqueeze(0);
        }

        return Draw(reference, models, Prompts.Edit(reference.Value<string>("instruction")), [new PromptPicture(bounded)], editing, source);
    }

    public static CaseOutput Understand(ReferenceCase reference, ReferenceModels models)
    {
        ModelFiles files = models.Files(reference);
        RgbImage image = ImageFitting.ForUnderstanding(
            reference.Picture(reference.Value<string>("image")), reference.Value("max_pixels", ImageFitting.DefaultMaxPixels));
        string text = ChatTemplate.Render([Prompts.Understand(reference.Value<string>("instruction"))], addGenerationPrompt: true);
        ReplyPrompt prompt = models.Reader(reference).Read(text, [new PromptPicture(image)], models.Eye(reference));
        using ReplyBatch batch = AutoregressiveCases.Reply(models.LanguageModel(reference), files, prompt, AutoregressiveCases.Options(reference, files));
        int[] ids = [.. batch.Sequences[0].GeneratedIds];
        return new CaseOutput()
            .Add("input_ids", AutoregressiveCases.Ids(prompt.Ids).unsqueeze(0))
            .Add("text", ReplyText.Plain(files.Tokenizer, ids));
    }

    private static CaseOutput Draw(
        ReferenceCase reference, ReferenceModels models, ChatMessage message, IReadOnlyList<PromptPicture> pictures, bool editing, Tensor? source)
    {
        ModelFiles files = models.Files(reference);
        string text = ChatTemplate.Render([message], addGenerationPrompt: true);
        ReplyPrompt prompt = models.Reader(reference).Read(text, pictures, models.Eye(reference));
        using ReplyBatch batch = AutoregressiveCases.Reply(models.LanguageModel(reference), files, prompt, AutoregressiveCases.Options(reference, files));
        ReplySequence reply = batch.Sequences[0];
        string said = ReplyText.WithImageTags(files.Tokenizer, [.. reply.GeneratedIds]);
        if (reply.Drawn.Count == 0)
        {
            return new CaseOutput().Add("text", said);
        }

        Tensor embeddings = reply.Drawn[0].unsqueeze(0);
        return DiffusionCases.Paint(reference, models, editing, embeddings, source)
            .Add("text", said)
            .Add("image_embeddings", embeddings.to(ScalarType.Float32, CPU).clone());
    }
}
