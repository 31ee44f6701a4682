using NexusGen.Autoregressive;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Pretraining;
using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Tests.Training;

/// <summary>A small model folder after phase 1: every component except the decoders has (random) weights.</summary>
internal static class BegunModelFolder
{
    /// <summary>Writes the folder.</summary>
    /// <param name="folder">The folder, which is created.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    public static string Write(string folder, int merge = 2)
    {
        using var files = new ModelFiles(ModelPaths.Find(SmallModelFolder.Write(folder, merge)));
        WeightSource random = new(new RandomWeights(11), LoadOptions.Reference);
        using LanguageModel model = files.LanguageModelPart.Build(random);
        using VisionEncoder visionEncoder = files.VisionPart.Build(random);
        using AutoencoderEncoder encoder = files.AutoencoderEncoderPart.Build(random);
        using AutoencoderDecoder decoder = files.AutoencoderDecoderPart.Build(random);
        LanguageModelWeights.Of(model, visionEncoder).Write(folder);
        SavedWeights.Of(AutoencoderObjective.WeightsName, encoder, prefix: "encoder.")
            .With(decoder, prefix: "decoder.").Write(folder);
        return folder;
    }
}
