namespace NexusGen.Verification;

/// <summary>
/// The kinds of reference cases that a <see cref="Verifier"/> can compute. <see cref="Inference"/> has those of inference.
/// Libraries that build on inference add theirs, as training does, so verifying inference does not require them.
/// </summary>
public sealed class CaseKinds
{
    internal CaseKinds(IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> computations) =>
        Computations = computations;

    /// <summary>Gets the kinds of cases that inference computes.</summary>
    public static CaseKinds Inference { get; } = new(
        new Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>>
        {
            ["add-noise"] = DiffusionCases.AddNoise,
            ["autoencoder"] = DiffusionCases.Autoencode,
            ["chat-template"] = TextCases.Template,
            ["clip"] = DiffusionCases.Clip,
            ["cover-crop"] = ImagingCases.CoverCrop,
            ["decode-editing"] = PipelineCases.DecodeEditing,
            ["decode-generation"] = PipelineCases.DecodeGeneration,
            ["embedding-merger"] = DiffusionCases.Merge,
            ["flux-transformer"] = DiffusionCases.Transform,
            ["generate"] = PipelineCases.GenerateTokens,
            ["generation-adapter"] = DiffusionCases.Adapt,
            ["image-processor"] = ImagingCases.Process,
            ["image-read"] = ImagingCases.Read,
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
            ["vision-encoder"] = AutoregressiveCases.See,
        });

    /// <summary>Gets the kinds of cases about weight files of other tools.</summary>
    public static CaseKinds WeightFormats { get; } = new(WeightFormatCases.Computations);

    /// <summary>Gets the kinds of cases about LoRA files of other tools.</summary>
    public static CaseKinds LoraFiles { get; } = new(
        new Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>>
        {
            ["lora-delta"] = LoraCases.Changes,
            ["lora-refused"] = LoraCases.Changes,
        });

    /// <summary>Gets the names of the kinds, which are the folders of the cases.</summary>
    public IEnumerable<string> Names => Computations.Keys;

    /// <summary>Gets the computation of each kind.</summary>
    internal IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> Computations { get; }
}
