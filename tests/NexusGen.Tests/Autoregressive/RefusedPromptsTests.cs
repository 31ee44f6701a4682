using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>What can't be written is refused before anything is computed, in one sentence.</summary>
public sealed class RefusedPromptsTests : IDisposable
{
    private static readonly GridThw Grid = new(1, 4, 10);

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = SmallModel.Create(Grid);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void PromptsThatDoNotFitTheirPictures()
    {
        ReplyPrompt one = SmallModel.Prompt(4, new GridThw(1, 6, 4));
        Refused(one with { Grids = [] }, "0 embeddings by their grids, but 6 were given");
        Refused(one with { ImageEmbeddings = null }, "6 embeddings by their grids, but 0 were given");
        Refused(one with { ImageEmbeddings = zeros(6, 31) }, "31 wide", "32");
        Refused(one with { Ids = [1, 2, 3] }, "1 pictures were given", "0");
        Refused(one with { Ids = [1, .. Enumerable.Repeat(SmallModel.Image, 5), 3] }, "takes 6 image tokens", "fewer at 1");
        Refused(one with { Ids = [.. Enumerable.Repeat(SmallModel.Image, 6), 3, SmallModel.Image] }, "image tokens at 7", "only 1 pictures");
        Refused(new ReplyPrompt([], null, []), "prompt is empty");
        Refused(new ReplyPrompt([1, 24], null, []), "token 24", "0 to 23");
        Refused(new ReplyPrompt([-1], null, []), "token -1");
        Refused(SmallModel.Prompt(389), "389", "400", "shorten it");
    }

    [Fact]
    public void OptionsOutOfRange()
    {
        Refused(options => options with { MaxNewTokens = 0 }, "longest reply is 0 tokens", "at least 1");
        Refused(options => options with { DrawnGrid = new GridThw(1, 18, 18) }, "[1, 18, 18] has 81 tokens", "learned 10");
        Refused(options => options with { DrawnGrid = new GridThw(1, 5, 8) }, "[1, 5, 8]", "multiples of 2");
        Refused(options => options with { DrawnGrid = new GridThw(-1, -4, 10) }, "[-1, -4, 10]");
        Refused(options => options with { Sampling = new() { Temperature = -0.5 } }, "temperature is -0.5", "0 or more");
        Refused(options => options with { Sampling = new() { Temperature = double.NaN } }, "temperature is NaN");
        Refused(options => options with { Sampling = new() { Temperature = double.PositiveInfinity } }, "temperature");
        Refused(options => options with { Sampling = new() { TopK = -1 } }, "top-k is -1");
        Refused(options => options with { Sampling = new() { TopP = 0 } }, "top-p is 0", "above 0 and at most 1");
        Refused(options => options with { Sampling = new() { TopP = 1.5 } }, "top-p is 1.5");
        Refused(options => options with { Sampling = new() { RepetitionPenalty = 0 } }, "repetition penalty is 0");
    }

    [Theory]
    [InlineData(388)]
    [InlineData(380)]
    [InlineData(300)]
    public void AReplyEndsWhereTheModelsPositionsDo(int words)
    {
        foreach (bool draw in (bool[])[false, true])
        {
            ReplyOptions options = SmallModel.Options(Grid, 5, 1000) with { EosTokenIds = [], ForceDrawing = draw };
            using ReplyBatch batch = SmallModel.Run(_model, [(SmallModel.Prompt(words), options)]);
            Assert.Equal(FinishReason.Length, batch.Sequences[0].Finish);
            Assert.InRange(words + batch.Sequences[0].GeneratedCount, 388, 400);
            Assert.True(draw ? batch.Sequences[0].Drawn.Count > 0 : batch.Sequences[0].GeneratedCount > 0);
        }
    }

    [Fact]
    public void AFullCacheSaysHowLongTheSequenceIs()
    {
        using IDisposable inference = no_grad();
        using var cache = new KeyValueCache(_model.Configuration, 2, 6, Placement.Reference);
        Tensor Positions(long rows, long length) => arange(length).expand(3, rows, length);
        _model.Forward(randn(2, 4, 32), Positions(2, 4), cache, [0, 1]);
        _model.Forward(randn(1, 2, 32), Positions(1, 2), cache, [1]);
        Assert.Equal([4L, 6L], [cache.Length(0), cache.Length(1)]);
        var error = Assert.Throws<NexusGenException>(() => _model.Forward(randn(2, 1, 32), Positions(2, 1), cache, [0, 1]));
        Assert.Equal("The sequence has grown to 7 tokens, more than the 6 that were set aside for it.", error.Message);
        Assert.Equal([4L, 6L], [cache.Length(0), cache.Length(1)]);
        cache.Clear(1);
        _model.Forward(randn(2, 1, 32), Positions(2, 1), cache, [0, 1]);
        Assert.Equal([5L, 1L], [cache.Length(0), cache.Length(1)]);
    }

    [Fact]
    public void PartsOfASequenceInTheCacheEqualTheWhole()
    {
        using IDisposable inference = no_grad();
        Tensor inputs = randn([2, 9, 32], generator: new Generator(4)), positions = arange(9).expand(3, 2, 9);
        Tensor whole = _model.Forward(inputs, positions);
        using var cache = new KeyValueCache(_model.Configuration, 4, 9, Placement.Reference);

        // Slots that are not neighbours, in an order of their own, and rows of other lengths.
        List<Tensor> first = [], second = [];
        void Pass(List<Tensor> row, int number, int slot, long from, long count) => row.Add(
            _model.Forward(inputs.narrow(0, number, 1).narrow(1, from, count), positions.narrow(1, number, 1).narrow(2, from, count), cache, [slot]));
        Pass(first, 0, 3, 0, 4);
        Pass(second, 1, 0, 0, 2);
        Pass(second, 1, 0, 2, 2);
        Tensor both = _model.Forward(inputs.narrow(1, 4, 3), positions.narrow(2, 4, 3), cache, [3, 0]);
        Tensor last = _model.Forward(inputs.narrow(1, 7, 1), positions.narrow(2, 7, 1), cache, [3, 0]);
        Pass(first, 0, 3, 8, 1);
        Tensor a = cat([first[0][0], both[0], last[0], first[1][0]]), b = cat([second[0][0], second[1][0], both[1], last[1]]);
        Assert.InRange(SmallModel.Error(a, whole[0]), 0, 1e-5);
        Assert.InRange(SmallModel.Error(b, whole[1].narrow(0, 0, 8)), 0, 1e-5);
    }

    private void Refused(ReplyPrompt prompt, params string[] parts) => Refused(prompt, SmallModel.Options(Grid, 1, 5), parts);

    private void Refused(Func<ReplyOptions, ReplyOptions> change, params string[] parts) =>
        Refused(SmallModel.Prompt(4), change(SmallModel.Options(Grid, 1, 5)), parts);

    private void Refused(ReplyPrompt prompt, ReplyOptions options, string[] parts)
    {
        string message = Assert.ThrowsAny<NexusGenException>(() => new ReplyBatch(_model, [(prompt, options)]).Dispose()).Message;
        Assert.EndsWith(".", message);
        Assert.All(parts, part => Assert.Contains(part, message));
    }
}
