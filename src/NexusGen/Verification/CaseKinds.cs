namespace NexusGen.Verification;

/// <summary>What is computed for each kind of case.</summary>
internal static class CaseKinds
{
    /// <summary>The kinds that are computed.</summary>
    public static IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> Known { get; } =
        new Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>>
        {
            ["add-noise"] = DiffusionCases.AddNoise,
            ["autoencoder"] = DiffusionCases.Autoencode,
            ["chat-template"] = TextCases.Template,
            ["clip"] = DiffusionCases.Clip,
            ["cover-crop"] = ImagingCases.CoverCrop,
            ["decode-editing"] = DiffusionCases.DecodeEditing,
            ["decode-generation"] = DiffusionCases.DecodeGeneration,
            ["decoder-data"] = AutoregressiveCases.DecoderData,
            ["embedding-merger"] = DiffusionCases.Merge,
            ["flux-transformer"] = DiffusionCases.Transform,
            ["generate"] = AutoregressiveCases.Generate,
            ["generation-adapter"] = DiffusionCases.Adapt,
            ["image-processor"] = ImagingCases.Process,
            ["image-read"] = ImagingCases.Read,
            ["loss-autoregressive"] = TrainingCases.Loss,
            ["loss-editing-decoder"] = DecoderTrainingCases.EditingLoss,
            ["loss-generation-decoder"] = DecoderTrainingCases.GenerationLoss,
            ["language-model"] = AutoregressiveCases.Read,
            ["noise"] = DiffusionCases.DrawNoise,
            ["pipeline-edit"] = PipelineCases.Edit,
            ["pipeline-generate"] = PipelineCases.Generate,
            ["pipeline-understand"] = PipelineCases.Understand,
            ["resize"] = ImagingCases.Resize,
            ["rope-index"] = AutoregressiveCases.RopePositions,
            ["sampling"] = AutoregressiveCases.Sample,
            ["schedule"] = DiffusionCases.Schedule,
            ["smart-resize"] = ImagingCases.SmartResize,
            ["t5"] = DiffusionCases.T5,
            ["tokenizer"] = TextCases.Tokenize,
            ["train-autoregressive"] = TrainingCases.Train,
            ["train-editing-decoder"] = DecoderTrainingCases.TrainEditing,
            ["train-generation-decoder"] = DecoderTrainingCases.TrainGeneration,
            ["training-encode"] = TrainingCases.Encode,
            ["vision-encoder"] = AutoregressiveCases.See,
        };
}
