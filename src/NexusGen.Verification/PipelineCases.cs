using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// Cases of the official scripts from the prompt to the pixels, and of their halves: tokens alone, and embeddings to images. They
/// are planned and run by the same jobs on the same engine as the requests of <see cref="NexusGenModel"/>.
/// </summary>
internal static class PipelineCases
{
    public static CaseOutput Generate(ReferenceCase reference, ReferenceModels models)
    {
        Language language = reference.Value("language", "en") == "zh" ? Language.Chinese : Language.English;
        var request = new GenerateRequest(reference.Value<string>("prompt"))
        {
            Language = language,
            Reply = Reply(reference),
            Settings = Settings(reference),
        };
        return RunPipeline(reference, models, GenerationPlan.Of(request, models.Files(reference)));
    }

    public static CaseOutput Edit(ReferenceCase reference, ReferenceModels models)
    {
        var request = new EditRequest(reference.Image(reference.Value<string>("image")), reference.Value<string>("instruction"))
        {
            Decoder = reference.Value("decoder", "editing") == "editing" ? DecoderChoice.Editing : DecoderChoice.Generation,
            MaxPixels = reference.Value("max_pixels", (int)ImageFitting.DefaultMaxPixels),
            Reply = Reply(reference),
            Settings = Settings(reference),
        };
        return RunPipeline(reference, models, GenerationPlan.Of(request, models.Files(reference)));
    }

    public static CaseOutput Understand(ReferenceCase reference, ReferenceModels models)
    {
        var request = new UnderstandRequest(reference.Value<string>("instruction"))
        {
            Images = [reference.Image(reference.Value<string>("image"))],
            MaxPixels = reference.Value("max_pixels", (int)ImageFitting.DefaultMaxPixels),
            Reply = Reply(reference),
        };
        return RunLanguageModel(
            reference,
            models,
            GenerationPlan.Of(request, models.Files(reference)),
            state => new CaseOutput()
                .Add("input_ids", AutoregressiveCases.Ids(state.PromptIds).unsqueeze(0))
                .Add("text", state.Reply!.PlainText));
    }

    public static CaseOutput GenerateTokens(ReferenceCase reference, ReferenceModels models)
    {
        return RunLanguageModel(reference, models, TokenPlan(reference, models), state =>
        {
            CaseOutput output = new CaseOutput()
                .Add("input_ids", AutoregressiveCases.Ids(state.PromptIds).unsqueeze(0))
                .Add("generated_ids", AutoregressiveCases.Ids(state.Reply!.TokenIds))
                .Add("text", state.Reply.Text)
                .Add("plain_text", state.Reply.PlainText);
            return state.Predicted.Count == 0 ? output : output.Add("image_embeddings", Embeddings(state));
        });
    }

    /// <summary>Gets the plan of a case whose prompt already has the chat template.</summary>
    public static GenerationPlan TokenPlan(ReferenceCase reference, ReferenceModels models) => new()
    {
        Prompt = reference.Value<string>("prompt"),
        Images =
        [
            .. reference.Value("images", Array.Empty<string>())
                .Select(file => new PromptImage(ImageFitting.BoundImage(reference.Image(file)))),
        ],
        Reply = Reply(reference),
        Image = ImagePlan.Of(
            new ImageSettings(),
            models.Files(reference).Configuration,
            models.Files(reference).Configuration.Defaults.Generate,
            editing: false,
            null),
    };

    public static CaseOutput DecodeGeneration(ReferenceCase reference, ReferenceModels models) =>
        Decode(reference, models, editing: false);

    public static CaseOutput DecodeEditing(ReferenceCase reference, ReferenceModels models) =>
        Decode(reference, models, editing: true);

    private static CaseOutput Decode(ReferenceCase reference, ReferenceModels models, bool editing)
    {
        NexusGenConfiguration configuration = models.Files(reference).Configuration;
        ImageDefaults defaults = editing ? configuration.Defaults.Edit : configuration.Defaults.Generate;
        ImagePlan plan = ImagePlan.Of(Settings(reference), configuration, defaults, editing, null);
        var predicted = new EncodedImage(reference.Tensor("embeddings").squeeze(0), configuration.Grids.Drawn);
        EncodedImage? source = editing && reference.HasTensor("source_embeddings")
            ? new EncodedImage(reference.Tensor("source_embeddings").squeeze(0), configuration.Grids.Source)
            : null;
        var output = new CaseOutput();
        IReadOnlyList<OutputImage> images = models.Run(
            new ImageJob(models.Components(reference), plan, 0, predicted, source, _ => { }, null)
            {
                Denoised = AddLatents(output)
            }.RunAsync);
        return AddImage(output, images[0]);
    }

    private static CaseOutput RunPipeline(ReferenceCase reference, ReferenceModels models, GenerationPlan plan)
    {
        var output = new CaseOutput();
        return models.Run(async context =>
        {
            using var job = new GenerationJob(models.Components(reference), [plan], null, null) { Denoised = AddLatents(output) };
            Reply reply = (await job.RunAsync(context))[0];
            output.Add("text", reply.Text);
            return reply.Images.Count == 0
                ? output
                : AddImage(output, reply.Images[0]).Add("image_embeddings", Embeddings(job.Requests[0]));
        });
    }

    private static CaseOutput RunLanguageModel(
        ReferenceCase reference, ReferenceModels models, GenerationPlan plan, Func<GenerationState, CaseOutput> output) =>
        models.Run(async context =>
        {
            using var job = new GenerationJob(models.Components(reference), [plan], null, null);
            await job.EncodeImagesAsync(context);
            await job.GenerateAsync(context);
            return output(job.Requests[0]);
        });

    private static Action<Tensor> AddLatents(CaseOutput output) =>
        latents => output.Add("latents", latents.to(ScalarType.Float32, CPU).clone());

    private static CaseOutput AddImage(CaseOutput output, OutputImage image) =>
        output.Add("image", image.Image).Add("computed_steps", JsonValue.Create(image.ComputedSteps));

    private static Tensor Embeddings(GenerationState state) =>
        state.Predicted[0].Embeddings.to(ScalarType.Float32, CPU).unsqueeze(0).clone();

    /// <summary>Gets the settings of a case's reply: its own values, and those of the model for the rest.</summary>
    private static ReplySettings Reply(ReferenceCase reference) => new()
    {
        MaxNewTokens = reference.Value("max_new_tokens", 1024),
        Temperature = reference.Value<double?>("temperature", null),
        TopK = reference.Value<int?>("top_k", null),
        TopP = reference.Value<double?>("top_p", null),
        RepetitionPenalty = reference.Value<double?>("repetition_penalty", null),
    };

    /// <summary>Gets the settings of a case's images: its own values, and those of the model for the rest.</summary>
    private static ImageSettings Settings(ReferenceCase reference) => new()
    {
        Steps = reference.Value<int?>("num_inference_steps", null),
        CfgScale = reference.Value<double?>("cfg_scale", null),
        EmbeddedGuidance = reference.Value<double?>("embedded_guidance", null),
        NegativePrompt = reference.Value("negative_prompt", ""),
        Width = reference.Value<int?>("width", null),
        Height = reference.Value<int?>("height", null),
        Seed = reference.Value<ulong?>("seed", null),
        StartImage = reference.Value<string?>("input_image", null) is { } file ? reference.Image(file) : null,
        DenoisingStrength = reference.Value("denoising_strength", 1.0),
        TeaCacheThreshold = reference.Value<double?>("tea_cache_l1_thresh", null),
    };
}
