using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>Tensors that were read are written back under the same names, bit for bit.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ModelFiles _files = new(ModelPaths.Find(LoadedModel.Folder));

    public void Dispose()
    {
        _files.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void TheGenerationDecoder() => Same(
        _files.Paths.GenerationDecoder,
        [.. Export(_files.AdapterPart), .. Export(_files.FluxPart(_files.Paths.GenerationDecoder))]);

    [Fact]
    public void TheEditingDecoder() => Same(
        _files.Paths.EditingDecoder, [.. Export(_files.MergerPart), .. Export(_files.FluxPart(_files.Paths.EditingDecoder))]);

    [Fact]
    public void FluxUnderBlackForestLabsNames() =>
        Same(_files.Paths.FluxTransformer, [.. Export(_files.FluxPart(_files.Paths.FluxTransformer))]);

    [Fact]
    public void TheLanguageModelAndItsVisionEncoder() =>
        Same(_files.Paths.LanguageModel, [.. Export(_files.LanguageModelPart), .. Export(_files.VisionPart)]);

    [Fact]
    public void TheAutoencoder() =>
        Same(_files.Paths.Autoencoder, [.. Export(_files.AutoencoderEncoderPart), .. Export(_files.AutoencoderDecoderPart)]);

    [Fact]
    public void TheTextEncoders()
    {
        Same(_files.Paths.Clip, [.. Export(_files.ClipPart)]);
        Same(_files.Paths.T5, [.. Export(_files.T5Part)]);
    }

    [Fact]
    public void OneDecodersTransformerUnderTheOthersNames()
    {
        // From the names of black-forest-labs to those of DiffSynth and back: the halves are swapped twice.
        ModelPart<FluxTransformer> part = _files.FluxPart(_files.Paths.FluxTransformer);
        using FluxTransformer model = part.Load(Stored);
        Dictionary<string, Tensor> theirs = new CheckpointPart(
            TensorStore.Open(_files.Paths.GenerationDecoder),
            "pipe.dit.",
            FluxNames.DiffSynth)
            .Export(model).ToDictionary(item => item.Name, item => item.Value);
        using ITensorStore store = TensorStore.Open(_files.Paths.FluxTransformer);
        Tensor own = store.Read(store.Entries["final_layer.adaLN_modulation.1.weight"]);
        Tensor[] halves = theirs["pipe.dit.final_norm_out.linear.weight"].chunk(2, 0);
        Assert.True(cat([halves[1], halves[0]], 0).eq(own).all().item<bool>());
        Assert.False(cat([halves[0], halves[1]], 0).eq(own).all().item<bool>());
    }

    private static LoadOptions Stored { get; } = new(new(CPU, ScalarType.BFloat16)) { MapFiles = false };

    private static List<(string Name, Tensor Value)> Export<T>(ModelPart<T> part)
        where T : Module
    {
        // Disposed with the scope of the test.
        using T model = part.Load(Stored);
        return [.. part.Checkpoint().Export(model).Select(item => (item.Name, item.Value.clone()))];
    }

    private static void Same(string path, IReadOnlyList<(string Name, Tensor Value)> exported)
    {
        using ITensorStore store = TensorStore.Open(path);
        Assert.Equal(
            store.Entries.Keys.Order(StringComparer.Ordinal),
            exported.Select(item => item.Name).Order(StringComparer.Ordinal));
        foreach ((string name, Tensor value) in exported)
        {
            Tensor expected = store.Read(store.Entries[name]);
            Assert.Equal(ScalarType.BFloat16, expected.dtype);
            Assert.True(value.eq(expected).all().item<bool>(), name);
        }
    }
}
