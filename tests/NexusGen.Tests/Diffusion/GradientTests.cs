using NexusGen.Autoregressive;
using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>Gradients reach every parameter of what is trained, under the names of the checkpoint.</summary>
public sealed class GradientTests : IDisposable
{
    private static readonly LoadOptions Trained = LoadOptions.Reference with { MapFiles = false };

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ModelFiles _files = new(ModelPaths.Find(LoadedModel.Folder));

    public void Dispose()
    {
        _files.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void OfTheTransformer()
    {
        using FluxTransformer model = _files.FluxPart(_files.Paths.GenerationDecoder).Load(Trained);
        Reaches(model, () => model.Forward(
            randn(2, 16, 6, 4), tensor(new[] { 700f, 20 }), randn(2, 9, 96), randn(2, 32), tensor(new[] { 3.5f, 1 }), rand(2, 9, 3) * 4));
    }

    [Fact]
    public void OfTheLanguageModel()
    {
        using LanguageModel model = _files.LanguageModelPart.Load(Trained);
        Reaches(model, () =>
        {
            Tensor inputs = cat([model.Embed(arange(model.Configuration.VocabSize)), model.ImagePrefill], 0).unsqueeze(0);
            Tensor mask = ones(1, inputs.shape[1]);
            mask[0, 0] = 0;
            Tensor states = model.Forward(inputs, arange(inputs.shape[1]).expand(3, 1, -1), mask);
            return cat([model.Logits(states), model.ImageEmbeddings(states)], -1);
        });
    }

    [Fact]
    public void OfTheMerger()
    {
        using EmbeddingMerger model = _files.MergerPart.Load(Trained);
        Reaches(model, () => model.Forward(randn(2, 12, 64), new GridThw(1, 6, 8), randn(2, 6, 64), new GridThw(1, 4, 6)));
    }

    [Fact]
    public void OfTheAdapter()
    {
        using GenerationAdapter model = _files.AdapterPart.Load(Trained);
        Reaches(model, () => model.Forward(randn(2, 5, 64)));
    }

    [Fact]
    public void OfTheVisionEncoder()
    {
        using VisionEncoder model = _files.VisionPart.Load(Trained);
        Reaches(model, () => model.Forward(randn(24 + 8, model.Configuration.PatchLength), [new(1, 4, 6), new(1, 2, 4)]));
    }

    private static void Reaches(Module model, Func<Tensor> forward)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Value.requires_grad_(true);
        }

        Tensor output = forward();
        (output * randn_like(output)).sum().backward();
        foreach (Parameter parameter in model.Parameters)
        {
            Tensor? gradient = parameter.Value.grad;
            Assert.True(gradient is not null && gradient.isfinite().all().item<bool>() && gradient.abs().max().item<float>() > 0, parameter.Name);
        }
    }
}
