using NexusGen.Verification;

namespace NexusGen.Training.Verification;

/// <summary>The kinds of reference cases that training computes: records to tokens, losses with their gradients, steps of training.</summary>
public static class TrainingCaseKinds
{
    /// <summary>The kinds, for <see cref="VerifierOptions.Kinds"/>.</summary>
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
