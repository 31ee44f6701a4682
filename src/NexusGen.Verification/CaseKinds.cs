namespace NexusGen.Verification;

/// <summary>
/// The kinds of reference cases that a <see cref="Verifier"/> can compute. Inference has its own, <see cref="Inference"/>; a
/// library above brings further ones, as training does, so that verifying inference does not need it.
/// </summary>
public sealed class CaseKinds
{
    internal CaseKinds(IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> computations) => Computations = computations;

    /// <summary>The kinds of cases that inference computes.</summary>
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

    /// <summary>The names of the kinds: the folders of the cases.</summary>
    public IEnumerable<string> Names => Computations.Keys;

    /// <summary>What is computed for each kind.</summary>
    internal IReadOnlyDictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> Computations { get; }
}
