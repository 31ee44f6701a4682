using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Model;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>With little memory blocks are read when it is their turn; the result is the same, bit for bit.</summary>
public sealed class StreamedPartsTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly ModelFiles _files = new(ModelPaths.Find(LoadedModel.Folder));

    public void Dispose()
    {
        _files.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flux(bool editing) => Same(
        _files.FluxPart(editing ? _files.Paths.EditingDecoder : _files.Paths.FluxTransformer), 2,
        model => model.Forward(
            randn([1, 16, 6, 4], generator: new Generator(1)), tensor(new[] { 700f }), randn([1, 9, 96], generator: new Generator(2)),
            randn([1, 32], generator: new Generator(3)), tensor(new[] { 3.5f }), zeros(1, 9, 3)));

    [Fact]
    public void T5() => Same(_files.T5Part, 0, model => model.Forward(arange(40).view(2, 20)));

    [Fact]
    public void Clip() => Same(_files.ClipPart, 0, model => model.Forward(arange(40).view(2, 20)));

    [Fact]
    public void TheVisionEncoder() => Same(
        _files.VisionPart, 1, model => model.Forward(randn([24, model.Configuration.PatchLength], generator: new Generator(1)), [new(1, 4, 6)]));

    [Fact]
    public void TheLanguageModelWithItsCache() => Same(_files.LanguageModelPart, 1, model =>
    {
        using var cache = new KeyValueCache(model.Configuration, 1, 8, model.Placement);
        Tensor inputs = model.Embed(arange(8)).unsqueeze(0), positions = arange(8).expand(3, 1, 8);
        Tensor first = model.Forward(inputs.narrow(1, 0, 5), positions.narrow(2, 0, 5), cache, [0]);
        return model.Logits(cat([first, model.Forward(inputs.narrow(1, 5, 3), positions.narrow(2, 5, 3), cache, [0])], 1));
    });

    [Fact]
    public void TooLittleForTwoBlocksIsRefusedWithWhatItTakes()
    {
        using var residency = new BlockResidency(1000);
        using T5Encoder model = _files.T5Part.Load(LoadOptions.Reference with { Residency = residency });
        string message = Assert.Throws<NexusGenException>(() => model.Forward(arange(4).view(1, 4))).Message;
        Assert.Contains("raise the budget", message);
    }

    private static void Same<T>(ModelPart<T> part, int leastStreamed, Func<T, Tensor> run)
        where T : Module
    {
        using T resident = part.Load(LoadOptions.Reference);
        Tensor expected = run(resident);

        // Room for the two largest blocks: the one in use and the one that is read ahead.
        long largest = resident.Descendants.Where(module => char.IsAsciiDigit(module.Path.Length > 0 ? module.Path[^1] : ' ') && module is not Linear)
            .Max(module => module.ByteLength);
        using var residency = new BlockResidency(2 * largest);
        using T streamed = part.Load(LoadOptions.Reference with { Residency = residency });
        for (int round = 0; round < 2; round++)
        {
            Assert.True(run(streamed).eq(expected).all().item<bool>());
        }

        Assert.InRange(residency.StreamedBlocks, leastStreamed, 8);
    }
}
