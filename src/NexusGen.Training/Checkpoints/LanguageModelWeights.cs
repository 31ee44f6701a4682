using NexusGen.Autoregressive;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// The file in a model folder that contains language model and vision encoder: a single one, as in the official model.
/// </summary>
internal static class LanguageModelWeights
{
    /// <summary>The path in the model folder, without extension.</summary>
    public const string Name = "Nexus-GenV2/model";

    /// <summary>Creates the file with the weights of both modules.</summary>
    public static SavedWeights Of(LanguageModel model, VisionEncoder encoder) =>
        SavedWeights.Of(Name, model).With(encoder, prefix: LanguageModelNames.Vision);
}
