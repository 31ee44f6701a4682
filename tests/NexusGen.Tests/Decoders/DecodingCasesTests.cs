using NexusGen.Imaging;
using NexusGen.Tests.Diffusion;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

/// <summary>The reference's whole decoders: embeddings to latents and to a picture.</summary>
public class DecodingCasesTests
{
    public static TheoryData<string> Generation => TinyModel.Cases("decode-generation");

    public static TheoryData<string> Editing => TinyModel.Cases("decode-editing");

    [Theory]
    [MemberData(nameof(Generation))]
    public void TheGenerationDecoderPaintsAsTheOfficialCode(string name) => Paints("decode-generation", name);

    [Theory]
    [MemberData(nameof(Editing))]
    public void TheEditingDecoderPaintsAsTheOfficialCode(string name) => Paints("decode-editing", name);

    private static void Paints(string kind, string name)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ReferenceCase reference = TinyModel.Case(kind, name);
        using var models = new ReferenceModels(ReferenceFolder.Path, LoadOptions.Reference);
        using CaseOutput output = CaseKinds.Inference.Computations[kind](reference, models);
        TinyModel.AssertNear(reference.ExpectedTensor("latents"), output.Tensors["latents"], reference.Tolerance.Relative!.Value);
        RgbImage expected = reference.Picture(reference.Expected["image"]!.GetValue<string>());
        Deviation picture = PictureComparison.Compare("image", output.Pictures["image"], expected, reference.Tolerance);
        Assert.True(picture.Within, picture.Where);
        if (reference.Expected["computed_steps"] is { } steps)
        {
            Assert.Equal(steps.GetValue<int>(), output.Values["computed_steps"]!.GetValue<int>());
        }
    }
}
