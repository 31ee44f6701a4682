using NexusGen.Autoregressive;

namespace NexusGen.Training.Checkpoints;

/// <summary>Where language model and vision encoder lie in a model's folder: in one file, as officially.</summary>
internal static class LanguageModelWeights
{
    /// <summary>The file, without ending.</summary>
    public const string Name = "Nexus-GenV2/model";

    /// <summary>Both in one file.</summary>
    public static SavedWeights Of(LanguageModel model, VisionEncoder encoder) => SavedWeights.Of(Name, model).With(encoder, prefix: "visual.");
}
