using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Tests.Weights;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;

namespace NexusGen.Tests.Diffusion;

/// <summary>The official files hold what the models at their official sizes ask for, and nothing else.</summary>
public sealed class OfficialSizesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void TheAutoencoder()
    {
        using ITensorStore store = Store("ae");
        CheckpointPart.CheckPrefixes(store, "encoder.", "decoder.");
        new CheckpointPart(store, "encoder.").Check(source => new AutoencoderEncoder(source, AutoencoderConfiguration.Flux));
        new CheckpointPart(store, "decoder.").Check(source => new AutoencoderDecoder(source, AutoencoderConfiguration.Flux));
    }

    [Fact]
    public void Clip()
    {
        using ITensorStore store = Store("text_encoder");
        new CheckpointPart(store).Check(source => new ClipTextEncoder(source, ClipConfiguration.LargePatch14));
    }

    [Fact]
    public void T5()
    {
        using ITensorStore store = Store("text_encoder_2");
        new CheckpointPart(store).Check(source => new T5Encoder(source, T5Configuration.Xxl, T5Encoder.TableIn(store)));
    }

    [Fact]
    public void AnotherSizeIsRefusedWithBothShapes()
    {
        using ITensorStore store = Store("text_encoder");
        ClipConfiguration larger = ClipConfiguration.LargePatch14 with { MaxPositionEmbeddings = 78 };
        string message = Assert.Throws<WeightException>(() => new CheckpointPart(store).Check(source => new ClipTextEncoder(source, larger))).Message;
        Assert.Contains("[77, 768]", message, StringComparison.Ordinal);
        Assert.Contains("[78, 768]", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private ITensorStore Store(string list)
    {
        string path = _folder[Path.GetFileName(SparseOfficialFiles.Places[list])];
        SparseOfficialFiles.Write(list, path);
        return TensorStore.Open(path);
    }
}
