using System.Text.Json.Nodes;
using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Decoders;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Verification;

/// <summary>Reference cases for training the decoders: losses with gradients, and a few training steps.</summary>
internal static class DecoderTrainingCases
{
    public static CaseOutput GenerationLoss(ReferenceCase reference, ReferenceModels models) =>
        Loss(reference, models, editing: false);

    public static CaseOutput EditingLoss(ReferenceCase reference, ReferenceModels models) =>
        Loss(reference, models, editing: true);

    public static CaseOutput TrainGeneration(ReferenceCase reference, ReferenceModels models) =>
        Train(reference, models, editing: false);

    public static CaseOutput TrainEditing(ReferenceCase reference, ReferenceModels models) =>
        Train(reference, models, editing: true);

    private static CaseOutput Loss(ReferenceCase reference, ReferenceModels models, bool editing)
    {
        using var training = new DecoderTraining(reference, models, editing);
        Tensor loss = training.Loss(reference.Tensor("noise"), reference.Value<int>("timestep_id"));
        GradientCheckpointing.Backward(loss);
        return new CaseOutput().Add("loss", TrainingCases.Number(loss))
            .Add("gradient_norms", TrainingCases.Norms(training.Trained, parameter => parameter.Value.grad));
    }

    private static CaseOutput Train(ReferenceCase reference, ReferenceModels models, bool editing)
    {
        using var training = new DecoderTraining(reference, models, editing);
        using var optimizer = new AdamW([new ParameterGroup([.. training.Trained.Values])], new AdamWOptions());
        Dictionary<Parameter, Tensor> before = training.Trained.Values.ToDictionary(
            parameter => parameter, parameter => parameter.Value.detach().clone());
        var rates = new LearningRateSchedule
        {
            Peak = reference.Value<double>("learning_rate"),
            WarmupSteps = reference.Value<int>("warmup_steps")
        };
        JsonArray losses = [];
        int[] timesteps = reference.Value<int[]>("timestep_ids");
        for (int step = 0; step < timesteps.Length; step++)
        {
            using var scope = NewDisposeScope();
            Tensor loss = training.Loss(reference.Tensor("noises")[step], timesteps[step]);
            GradientCheckpointing.Backward(loss);
            losses.Add(loss.item<float>());
            optimizer.Step(rates.At(step));
            optimizer.ZeroGradients();
        }

        return new CaseOutput().Add("losses", losses)
            .Add(
                "parameter_changes",
                TrainingCases.Norms(training.Trained, parameter => parameter.Value.detach() - before[parameter]));
    }

    /// <summary>A decoder that is trained on the image and embeddings of a case.</summary>
    private sealed class DecoderTraining : IDisposable
    {
        private readonly DiffusionDecoder _decoder;
        private readonly GridSizes _grids;
        private readonly Tensor _pooled, _latents, _drawn;
        private readonly Tensor? _source;

        public DecoderTraining(ReferenceCase reference, ReferenceModels models, bool editing)
        {
            TrainableParts parts = new TrainableParts(models.Files(reference), models.Options);
            ModelFiles files = parts.Files;
            FluxTransformer transformer = parts.Load(
                _ => files.FluxPart(editing ? files.Paths.EditingDecoder : files.Paths.GenerationDecoder));
            SavedWeights names = SavedWeights.Of("decoder", transformer, FluxNames.DiffSynth, DecoderNames.Transformer);
            if (editing)
            {
                EmbeddingMerger merger = parts.Load(_ => files.MergerPart);
                _decoder = new EditingDecoder(merger, transformer);
                names = names.With(merger, prefix: DecoderNames.Merger);
            }
            else
            {
                GenerationAdapter adapter = parts.Load(_ => files.AdapterPart);
                _decoder = new GenerationDecoder(
                    adapter, transformer, files.Configuration.GenerationDecoder.TextIds,
                    files.LanguageModel.Vision.SpatialMergeSize);
                names = names.With(adapter, prefix: DecoderNames.Adapter);
            }

            Trained = names.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Parameter);
            foreach (Parameter parameter in Trained.Values)
            {
                parameter.Value.requires_grad_(true);
            }

            int size = reference.Value<int>("size");
            RgbImage picture = ImageFitting.CoverCrop(reference.Image(reference.Value<string>("image")), size, size);
            _latents = models.AutoencoderEncoder(reference).Forward(ImageTensor.FromImage(picture));
            _pooled = models.Prompt(reference, "").Pooled;
            _grids = files.Configuration.Grids;
            _drawn = reference.Tensor("embeddings");
            _source = editing ? reference.Tensor("source_embeddings") : null;
        }

        public IReadOnlyDictionary<string, Parameter> Trained { get; }

        public Tensor Loss(Tensor noise, int timestep)
        {
            using IDisposable recording = enable_grad();
            DiffusionCondition condition = _decoder.Condition(
                _drawn, _grids.Drawn, _source, _grids.Source, _pooled, _latents.shape[2], _latents.shape[3]);
            return FlowMatchingLoss.Compute(_decoder.Transformer, condition, _latents, noise, [timestep]);
        }

        public void Dispose() => _decoder.Dispose();
    }
}
