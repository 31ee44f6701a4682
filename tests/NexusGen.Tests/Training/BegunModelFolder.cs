using NexusGen.Autoregressive;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Pretraining;
using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Tests.Training;

/// <summary>A small model folder in which all but the decoders has weights, random ones, as it is when phase 1 has ended.</summary>
internal static class BegunModelFolder
{
    /// <summary>Writes one.</summary>
    public static string Write(string folder)
    {
        using var files = new ModelFiles(ModelPaths.Find(SmallModelFolder.Write(folder)));
        WeightSource random = new(new RandomWeights(11), LoadOptions.Reference);
        using LanguageModel model = files.LanguageModelPart.Build(random);
        using VisionEncoder eye = files.VisionPart.Build(random);
        using AutoencoderEncoder encoder = files.EncoderHalfPart.Build(random);
        using AutoencoderDecoder decoder = files.DecoderHalfPart.Build(random);
        LanguageModelWeights.Of(model, eye).Write(folder);
        SavedWeights.Of(AutoencoderTask.WeightsName, encoder, prefix: "encoder.").With(decoder, prefix: "decoder.").Write(folder);
        return folder;
    }
}
