using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Cases of the diffusion part: schedule and noise, text encoders, transformer, autoencoder, decoders.</summary>
internal static class DiffusionCases
{
    private const int NoiseValues = 512;

    public static CaseOutput Schedule(ReferenceCase reference, ReferenceModels models)
    {
        var schedule = new FlowMatchSchedule(reference.Value<int>("steps"), reference.Value("denoising_strength", 1.0));
        return new CaseOutput()
            .Add("sigmas", tensor(schedule.Sigmas.ToArray()))
            .Add("timesteps", tensor(schedule.Timesteps.ToArray()))
            .Add("weights", tensor(schedule.TrainingWeights()));
    }

    public static CaseOutput AddNoise(ReferenceCase reference, ReferenceModels models)
    {
        int step = reference.Value<int>("timestep_id");
        var schedule = new FlowMatchSchedule(FlowMatchSchedule.TrainingSteps);
        Tensor latents = reference.Tensor("latents"), noise = reference.Tensor("noise");
        return new CaseOutput()
            .Add("noisy", schedule.AddNoise(latents, noise, step))
            .Add("target", FlowMatchSchedule.Target(latents, noise))
            .Add("weight", JsonValue.Create((double)schedule.TrainingWeights()[step]));
    }

    public static CaseOutput DrawNoise(ReferenceCase reference, ReferenceModels models)
    {
        ScalarType type = reference.Value("dtype", "float32") switch
        {
            "bfloat16" => ScalarType.BFloat16,
            "float16" => ScalarType.Float16,
            "float32" => ScalarType.Float32,
            var other => throw new NexusGenException($"Noise is not drawn in {other}."),
        };
        Tensor noise = Noise.Draw(reference.Value<ulong>("seed"), reference.Value<long[]>("shape"), type).flatten();
        return new CaseOutput().Add("values", noise.narrow(0, 0, Math.Min(NoiseValues, noise.shape[0])).to(ScalarType.Float32));
    }

    public static CaseOutput Clip(ReferenceCase reference, ReferenceModels models)
    {
        int[] ids = models.Files(reference).ClipTokenizer.Encode(reference.Value<string>("text"));
        Tensor row = AutoregressiveCases.Ids(ids).unsqueeze(0);
        return new CaseOutput()
            .Add("input_ids", row)
            .Add("pooled", models.Clip(reference).Forward(row.to(models.Options.Placement.Device)).to(ScalarType.Float32, CPU));
    }

    public static CaseOutput T5(ReferenceCase reference, ReferenceModels models)
    {
        int[] ids = models.Files(reference).T5Tokenizer.Encode(reference.Value<string>("text"), PromptEncoder.T5Tokens, pad: true);
        Tensor row = AutoregressiveCases.Ids(ids).unsqueeze(0);
        Tensor states = models.T5(reference).Forward(row.to(models.Options.Placement.Device)).to(ScalarType.Float32, CPU);
        return new CaseOutput()
            .Add("input_ids", row)
            .Add("first", states.narrow(1, 0, 40).clone())
            .Add("last", states.narrow(1, states.shape[1] - 12, 12).clone());
    }

    public static CaseOutput Transform(ReferenceCase reference, ReferenceModels models)
    {
        Device device = models.Options.Placement.Device;
        Tensor In(string name) => reference.Tensor(name).to(device);
        Tensor velocity = models.Flux(reference, reference.Value<string>("weights")).Forward(
            In("latents"), In("timestep"), In("context"), In("pooled"), In("guidance"), In("text_ids"));
        return new CaseOutput().Add("velocity", velocity.to(ScalarType.Float32, CPU));
    }

    public static CaseOutput Autoencode(ReferenceCase reference, ReferenceModels models) =>
        reference.Value<string>("direction") == "encode"
            ? new CaseOutput().Add("latents", models.Encoder(reference).Forward(reference.Tensor("image")).to(ScalarType.Float32, CPU))
            : new CaseOutput().Add("image", models.Decoder(reference).Forward(reference.Tensor("latents")).to(ScalarType.Float32, CPU));

    public static CaseOutput Adapt(ReferenceCase reference, ReferenceModels models) =>
        new CaseOutput().Add("context", models.Adapter(reference).Forward(OnDevice(reference.Tensor("embeddings"), models)).to(ScalarType.Float32, CPU));

    public static CaseOutput Merge(ReferenceCase reference, ReferenceModels models)
    {
        Tensor? source = reference.HasTensor("source_embeddings") ? OnDevice(reference.Tensor("source_embeddings"), models) : null;
        Tensor context = models.Merger(reference).Forward(
            OnDevice(reference.Tensor("embeddings"), models), Grid(reference, "grid"), source, source is null ? default : Grid(reference, "source_grid"));
        return new CaseOutput().Add("context", context.to(ScalarType.Float32, CPU));
    }

    public static CaseOutput DecodeGeneration(ReferenceCase reference, ReferenceModels models) =>
        Paint(reference, models, editing: false, reference.Tensor("embeddings"), null);

    public static CaseOutput DecodeEditing(ReferenceCase reference, ReferenceModels models) => Paint(
        reference, models, editing: true, reference.Tensor("embeddings"),
        reference.HasTensor("source_embeddings") ? reference.Tensor("source_embeddings") : null);

    /// <summary>Embeddings to latents and picture, as the case's settings say.</summary>
    public static CaseOutput Paint(ReferenceCase reference, ReferenceModels models, bool editing, Tensor embeddings, Tensor? source)
    {
        ModelFiles files = models.Files(reference);
        GridSizes grids = files.Configuration.Grids;
        PictureDefaults defaults = editing ? files.Configuration.Defaults.Edit : files.Configuration.Defaults.Generate;
        PictureSize size = PictureSize.RoundedUp(reference.Value("width", defaults.Width), reference.Value("height", defaults.Height));
        int downscale = files.Configuration.Autoencoder.Downscale;
        long height = size.Height / downscale, width = size.Width / downscale;
        PictureDecoder painter = models.Painter(reference, editing);
        double cfg = reference.Value("cfg_scale", defaults.CfgScale);
        string negativePrompt = reference.Value("negative_prompt", "");
        DiffusionCondition condition = painter.Condition(embeddings, grids.Drawn, source, grids.Source, models.Prompt(reference, "").Pooled, height, width);
        DiffusionCondition? negative = cfg == 1 ? null : models.Prompt(reference, negativePrompt).ToCondition(models.Options.Placement);
        Tensor? start = reference.Value<string?>("input_image", null) is { } file
            ? models.Encoder(reference).Forward(ImageTensor.FromImage(reference.Picture(file)))
            : null;
        var options = new DenoisingOptions
        {
            Steps = reference.Value("num_inference_steps", defaults.Steps),
            CfgScale = cfg,
            EmbeddedGuidance = reference.Value("embedded_guidance", defaults.EmbeddedGuidance),
            Seeds = [reference.Value("seed", defaults.Seed)],
            DenoisingStrength = reference.Value("denoising_strength", 1.0),
            TeaCacheThreshold = reference.Value<double?>("tea_cache_l1_thresh", null),
        };
        using var run = new DenoisingRun(painter.Transformer, options, height, width, condition, negative, start);
        while (run.Step())
        {
        }

        Tensor pixels = models.Decoder(reference).Forward(run.Latents);
        return new CaseOutput()
            .Add("latents", run.Latents.to(ScalarType.Float32, CPU).clone())
            .Add("image", ImageTensor.ToImage(pixels))
            .Add("computed_steps", JsonValue.Create(run.ComputedSteps(0)));
    }

    private static Tensor OnDevice(Tensor tensor, ReferenceModels models) =>
        tensor.to(models.Options.Placement.Precision, models.Options.Placement.Device);

    private static GridThw Grid(ReferenceCase reference, string name)
    {
        long[] sides = reference.Value<long[]>(name);
        return new GridThw(sides[0], sides[1], sides[2]);
    }
}
