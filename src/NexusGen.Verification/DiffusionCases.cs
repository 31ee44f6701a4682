using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// Cases of diffusion: schedule, noise, text encoders, transformer, autoencoder, adapter and merger of the decoders.
/// </summary>
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
        int[] ids = models.Files(reference).T5Tokenizer.Encode(
            reference.Value<string>("text"), FluxTextEncoders.T5Tokens, pad: true);
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
            ? new CaseOutput().Add(
                "latents",
                models.AutoencoderEncoder(reference).Forward(reference.Tensor("image")).to(ScalarType.Float32, CPU))
            : new CaseOutput().Add(
                "image",
                models.AutoencoderDecoder(reference).Forward(reference.Tensor("latents")).to(ScalarType.Float32, CPU));

    public static CaseOutput Adapt(ReferenceCase reference, ReferenceModels models) =>
        new CaseOutput().Add(
            "context",
            models.Adapter(reference).Forward(OnDevice(reference.Tensor("embeddings"), models)).to(ScalarType.Float32, CPU));

    public static CaseOutput Merge(ReferenceCase reference, ReferenceModels models)
    {
        Tensor? source = reference.HasTensor("source_embeddings")
            ? OnDevice(reference.Tensor("source_embeddings"), models)
            : null;
        Tensor context = models.Merger(reference).Forward(
            OnDevice(reference.Tensor("embeddings"), models),
            Grid(reference, "grid"),
            source,
            source is null ? default : Grid(reference, "source_grid"));
        return new CaseOutput().Add("context", context.to(ScalarType.Float32, CPU));
    }

    private static Tensor OnDevice(Tensor tensor, ReferenceModels models) =>
        tensor.to(models.Options.Placement.Precision, models.Options.Placement.Device);

    private static GridThw Grid(ReferenceCase reference, string name)
    {
        long[] sides = reference.Value<long[]>(name);
        return new GridThw(sides[0], sides[1], sides[2]);
    }
}
