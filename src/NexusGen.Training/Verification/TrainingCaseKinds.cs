using NexusGen.Verification;

namespace NexusGen.Training.Verification;

/// <summary>The kinds of reference cases for training: encoded records, losses with gradients, and training steps.</summary>
public static class TrainingCaseKinds
{
    /// <summary>Gets the kinds, for <see cref="VerifierOptions.Kinds"/>.</summary>
    public static CaseKinds All { get; } = new(
        new Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>>
        {
            ["decoder-data"] = DecoderDataCases.DecoderData,
            ["loss-autoregressive"] = TrainingCases.Loss,
            ["loss-editing-decoder"] = DecoderTrainingCases.EditingLoss,
            ["loss-generation-decoder"] = DecoderTrainingCases.GenerationLoss,
            ["train-autoregressive"] = TrainingCases.Train,
            ["train-editing-decoder"] = DecoderTrainingCases.TrainEditing,
            ["train-generation-decoder"] = DecoderTrainingCases.TrainGeneration,
            ["training-encode"] = TrainingCases.Encode,
        });
}
