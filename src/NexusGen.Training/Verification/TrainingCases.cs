using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Verification;

/// <summary>
/// Reference cases for training the language model: encoding of records, losses with gradients, and a few training steps.
/// </summary>
internal static class TrainingCases
{
    private const string Kind = "training-encode";

    public static CaseOutput Encode(ReferenceCase reference, ReferenceModels models)
    {
        using EncodedSample encoded = new SampleEncoder(models.Files(reference))
            .Encode(Record(reference, reference.Input["record"]!));
        CaseOutput output = new CaseOutput()
            .Add("input_ids", tensor(encoded.Ids.Select(id => (long)id).ToArray()))
            .Add("labels", tensor(encoded.Labels.Select(label => (long)label).ToArray()));
        if (encoded.ImagePixels() is { } pixels)
        {
            output.Add(
                "image_grid_thw",
                tensor(
                    encoded.Grids.SelectMany(grid => new[] { grid.T, grid.H, grid.W }).ToArray(), encoded.Grids.Count, 3));
            output.Add("pixel_values_mean", stack([pixels.mean(), pixels.std()]));
        }

        return output;
    }

    public static CaseOutput Loss(ReferenceCase reference, ReferenceModels models)
    {
        TrainableParts parts = new TrainableParts(models.Files(reference), models.Options);
        using LanguageModel model = parts.Load(files => files.LanguageModelPart);
        using VisionEncoder visionEncoder = parts.Load(files => files.VisionPart);
        EncodedSample[] records = [.. reference.Value<string[]>("records").Select(name => Encoded(reference, parts.Files, name))];
        using AutoregressiveBatch batch = Batch(reference, parts.Files, records);
        Dictionary<string, Parameter> trained = Train(model);
        bool plain = reference.Value("plain", false);
        AutoregressiveLoss loss = Compute(reference, model, visionEncoder, batch, plain);
        GradientCheckpointing.Backward(loss.Total);
        CaseOutput output = new CaseOutput()
            .Add("loss", Number(loss.Total))
            .Add("token_loss", Number(loss.Token))
            .Add("image_mse", Number(loss.Mse))
            .Add("image_cosine_loss", Number(loss.Cosine))
            .Add("gradient_norms", Norms(trained, parameter => parameter.Value.grad));
        foreach ((string name, Parameter parameter) in trained)
        {
            // A missing gradient counts as zeros.
            output.Add(
                $"grad:{name}",
                (parameter.Value.grad ?? zeros_like(parameter.Value)).detach().to(ScalarType.Float32).cpu());
        }

        return output;
    }

    public static CaseOutput Train(ReferenceCase reference, ReferenceModels models)
    {
        TrainableParts parts = new TrainableParts(models.Files(reference), models.Options);
        using LanguageModel model = parts.Load(files => files.LanguageModelPart);
        using VisionEncoder visionEncoder = parts.Load(files => files.VisionPart);
        string[][] microBatches = reference.Value<string[][]>("micro_batches");
        int steps = reference.Value<int>("steps");
        var rates = new LearningRateSchedule
        {
            Peak = reference.Value<double>("learning_rate"),
            WarmupSteps = reference.Value<int>("warmup_steps"),
            CosineSteps = steps
        };
        ILookup<bool, Parameter> isBias = model.Parameters.ToLookup(
            parameter => parameter.Name.EndsWith(".bias", StringComparison.Ordinal));
        ParameterGroup[] groups = [new([.. isBias[false]]) { WeightDecay = 0.1 }, new([.. isBias[true]]) { WeightDecay = 0 }];
        using var optimizer = new AdamW(groups, new AdamWOptions { Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8 });
        Dictionary<string, Parameter> trained = Train(model);
        Dictionary<string, Tensor> before = trained.ToDictionary(pair => pair.Key, pair => pair.Value.Value.detach().clone());
        JsonArray losses = [], norms = [], learningRates = [];
        for (int step = 0; step < steps; step++)
        {
            double loss = 0;
            optimizer.ZeroGradients();
            foreach (string[] names in microBatches)
            {
                using var scope = NewDisposeScope();
                using IDisposable recording = enable_grad();
                using AutoregressiveBatch batch = AutoregressiveBatch.Of(
                    [.. names.Select(name => Encoded(reference, parts.Files, name))], parts.Padding, parts.Files.LanguageModel);
                Tensor total = Compute(reference, model, visionEncoder, batch, plain: false).Total
                    / Scalars.Of(microBatches.Length);
                GradientCheckpointing.Backward(total);
                optimizer.AccumulateGradients();
                loss += total.item<float>();
            }

            losses.Add(loss);
            norms.Add(optimizer.ClipGradients(1));
            learningRates.Add(rates.At(step));
            optimizer.Step(rates.At(step));
        }

        return new CaseOutput().Add("losses", losses).Add("gradient_norms", norms).Add("learning_rates", learningRates)
            .Add("parameter_changes", Norms(trained, parameter => parameter.Value.detach() - before[parameter.Name]));
    }

    /// <summary>Computes the L2 norm of a tensor for each parameter, or 0 for a missing tensor.</summary>
    public static JsonObject Norms(IReadOnlyDictionary<string, Parameter> parameters, Func<Parameter, Tensor?> valueOf)
    {
        JsonObject norms = [];
        foreach ((string name, Parameter parameter) in parameters)
        {
            using var scope = NewDisposeScope();
            norms[name] = valueOf(parameter) is { } value ? value.detach().to(ScalarType.Float64).norm().item<double>() : 0;
        }

        return norms;
    }

    public static JsonNode Number(Tensor scalar) => JsonValue.Create(scalar.detach().to(ScalarType.Float64).item<double>());

    private static Dictionary<string, Parameter> Train(Module module)
    {
        foreach (Parameter parameter in module.Parameters)
        {
            parameter.Value.requires_grad_(true);
        }

        return module.Parameters.ToDictionary(parameter => parameter.Name);
    }

    private static AutoregressiveLoss Compute(
        ReferenceCase reference, LanguageModel model, VisionEncoder visionEncoder, AutoregressiveBatch batch, bool plain)
    {
        Tensor? seen;
        using (no_grad())
        {
            seen = batch.PixelValues is { } pixels ? batch.ImagesOf(visionEncoder.Forward(pixels, batch.Grids)) : null;
        }

        using IDisposable recording = enable_grad();
        Tensor inputs = AutoregressiveLoss.Inputs(model, batch, seen, plain);

        // The official plain mode passes no targets to the loss.
        Tensor? targets = plain ? null : AutoregressiveLoss.Targets(model, batch, seen);
        return AutoregressiveLoss.Compute(
            model, batch, inputs, targets, reference.Value("token_loss_weight", 3.0), reference.Value("image_loss_weight", 3.0));
    }

    // The token ids come from the case, the images from the records.
    private static AutoregressiveBatch Batch(ReferenceCase reference, ModelFiles files, IReadOnlyList<EncodedSample> records)
    {
        Tensor[] pixels = [.. records.Select(record => record.ImagePixels()).OfType<Tensor>()];
        return AutoregressiveBatch.Of(
            reference.Tensor("input_ids"), reference.Tensor("labels"), reference.Tensor("attention_mask"),
            [.. records.SelectMany(record => record.Grids)], pixels.Length == 0 ? null : cat(pixels, 0), files.LanguageModel);
    }

    // Encodes the record of another case in the same folder.
    private static EncodedSample Encoded(ReferenceCase reference, ModelFiles files, string name)
    {
        using var record = ReferenceCase.Open(reference.Root, Path.Combine(reference.Root, "cases", Kind, name));
        return new SampleEncoder(files).Encode(Record(record, record.Input["record"]!));
    }

    /// <summary>Creates a sample from a training record and reads its images.</summary>
    public static TrainingSample Record(ReferenceCase reference, JsonNode record) => new(
        [.. record["messages"]!.AsArray().Select(
            message => new TrainingMessage((string)message!["role"]!, (string)message["content"]!))],
        [.. record["images"]!.AsArray().Select(file => reference.Image((string)file!))]);
}
