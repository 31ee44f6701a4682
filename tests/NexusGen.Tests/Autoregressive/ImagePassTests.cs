using NexusGen.Autoregressive;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>A picture in one forward pass: equal to token by token, to teacher forcing, and to the positions of training.</summary>
public sealed class ImagePassTests : IDisposable
{
    private static readonly GridThw Wide = new(1, 4, 10);
    private static readonly GridThw[] Read = [new(1, 6, 4), new(1, 2, 8)];

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public static TheoryData<long, long> Grids => new() { { 4, 10 }, { 10, 4 }, { 6, 6 }, { 2, 2 } };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Grids))]
    public void OnePassEqualsTokenByToken(long height, long width)
    {
        var grid = new GridThw(1, height, width);
        using LanguageModel model = SmallModel.Create(grid);
        foreach (PositionMode positions in Enum.GetValues<PositionMode>())
        {
            ReplyOptions options = SmallModel.Options(grid, 5, 60) with { ForceDrawing = true, EosTokenIds = [], Positions = positions };
            using ReplyBatch pass = SmallModel.Run(model, [(SmallModel.Prompt(9, Read), options)]);
            using ReplyBatch steps = SmallModel.Run(model, [(SmallModel.Prompt(9, Read), options)], tokenByToken: true);
            ReplySequence a = pass.Sequences[0], b = steps.Sequences[0];
            Assert.Equal(b.GeneratedIds, a.GeneratedIds);
            Assert.Equal(b.Drawn.Count, a.Drawn.Count);
            Assert.All(a.Drawn.Zip(b.Drawn), pair => Assert.InRange(SmallModel.Error(pair.First, pair.Second), 0, 1e-5));
        }
    }

    [Fact]
    public void OnePassOfTheReferenceModelEqualsTokenByToken()
    {
        using var tiny = new LoadedModel();
        var options = new ReplyOptions { MaxNewTokens = 90, ForceDrawing = true, Sampling = new SamplingOptions { Temperature = 0 } };
        ReplyPrompt prompt = tiny.Prompt("Make it blue.", "mini.png", "wide.png");
        using ReplyBatch pass = SmallModel.Run(tiny.Language, [(prompt, options)]);
        using ReplyBatch steps = SmallModel.Run(tiny.Language, [(prompt, options)], tokenByToken: true);
        Assert.Equal(steps.Sequences[0].GeneratedIds, pass.Sequences[0].GeneratedIds);
        Assert.InRange(SmallModel.Error(pass.Sequences[0].Drawn[0], steps.Sequences[0].Drawn[0]), 0, 1e-5);
    }

    // Seeds with which a reply of 60 tokens draws two or three pictures.
    [Theory]
    [InlineData(5, 2, PositionMode.Reference)]
    [InlineData(11, 3, PositionMode.Reference)]
    [InlineData(15, 3, PositionMode.Reference)]
    [InlineData(5, 2, PositionMode.Training)]
    [InlineData(11, 3, PositionMode.Training)]
    public void SeveralPicturesEqualTeacherForcing(ulong seed, int pictures, PositionMode positions)
    {
        using LanguageModel model = SmallModel.Create(Wide);
        ReplyPrompt prompt = SmallModel.Prompt(9, new GridThw(1, 6, 4));
        ReplyOptions options = SmallModel.Options(Wide, seed, 60) with { EosTokenIds = [], Positions = positions };
        using ReplyBatch batch = SmallModel.Run(model, [(prompt, options)]);
        ReplySequence reply = batch.Sequences[0];
        Assert.True(reply.Drawn.Count >= 2 && (positions == PositionMode.Training || reply.Drawn.Count == pictures), $"{reply.Drawn.Count}");
        Tensor states = TeacherForced(model, prompt, reply.GeneratedIds, out List<(int Start, GridThw Grid)> places);
        for (int i = 0; i < reply.Drawn.Count; i++)
        {
            int start = places[prompt.Grids.Count + i].Start;
            using IDisposable inference = no_grad();
            Tensor expected = model.ImageEmbeddings(states[0].narrow(0, start - 1, model.Configuration.ImageTokens));
            Assert.InRange(SmallModel.Error(reply.Drawn[i], expected), 0, 1e-5);
        }
    }

    [Fact]
    public void TrainingPositionsHoldForTheTextAfterAPictureToo()
    {
        using LanguageModel model = SmallModel.Create(Wide);
        ReplyPrompt prompt = SmallModel.Prompt(9, Read);
        ReplyOptions options = Greedy(PositionMode.Training);
        using ReplyBatch batch = SmallModel.Run(model, [(prompt, options)]);
        Tensor states = TeacherForced(model, prompt, batch.Sequences[0].GeneratedIds, out _);
        AssertBest(model, states, prompt.Ids.Count, batch.Sequences[0].GeneratedIds);
    }

    [Fact]
    public void ReferencePositionsGoOnByTheCountOfTokens()
    {
        using LanguageModel model = SmallModel.Create(Wide);
        ReplyPrompt prompt = SmallModel.Prompt(9, Read);
        using ReplyBatch batch = SmallModel.Run(model, [(prompt, Greedy(PositionMode.Reference))]);
        IReadOnlyList<int> reply = batch.Sequences[0].GeneratedIds;
        int count = model.Configuration.ImageTokens, begin = prompt.Ids.Count, length = begin + reply.Count;
        List<(int, GridThw)> places = [.. RopeIndex.FindPictures(prompt.Ids, prompt.Grids, SmallModel.Image), (begin + 1, Wide)];
        long[][] positions = RopeIndex.Of(length, places).Positions;
        Assert.Single(batch.Sequences[0].Drawn);
        foreach (long[] axis in positions)
        {
            for (int i = begin + 1 + count; i < axis.Length; i++)
            {
                axis[i] = axis[begin] + (i - begin);
            }
        }

        Tensor states = TeacherForced(model, prompt, reply, out _, positions);
        AssertBest(model, states, begin, reply);
        Assert.NotEqual(RopeIndex.Of(length, places).Positions[0], positions[0]);
    }

    [Fact]
    public void OtherGridsOfAsManyTokensAreOtherPictures()
    {
        using LanguageModel model = SmallModel.Create(Wide);
        ReplyOptions wide = SmallModel.Options(Wide, 1, 12) with { ForceDrawing = true };
        using ReplyBatch batch = SmallModel.Run(model, [(SmallModel.Prompt(9), wide), (SmallModel.Prompt(9), wide with { DrawnGrid = new GridThw(1, 10, 4) })]);
        Assert.InRange(SmallModel.Error(batch.Sequences[1].Drawn[0], batch.Sequences[0].Drawn[0]), 1e-3, 10);
    }

    private static ReplyOptions Greedy(PositionMode positions) => SmallModel.Options(Wide, 0, 40) with
    {
        ForceDrawing = true,
        EosTokenIds = [],
        Positions = positions,
        Sampling = new SamplingOptions { Temperature = 0 },
    };

    // Every token of text is the likeliest one, of those that may be chosen.
    private static void AssertBest(LanguageModel model, Tensor states, int promptLength, IReadOnlyList<int> reply)
    {
        using IDisposable inference = no_grad();
        Tensor logits = model.Logits(states[0]);
        logits.narrow(1, SmallModel.End, 1).fill_(float.NegativeInfinity);
        long[] best = logits.argmax(1).data<long>().ToArray();
        int[] pictures = [.. Pictures(reply).SelectMany(start => Enumerable.Range(start, model.Configuration.ImageTokens + 1))];
        int[] text = [.. Enumerable.Range(1, reply.Count - 1).Except(pictures)];
        Assert.True(text.Length > 5);
        Assert.All(text, i => Assert.Equal(best[promptLength + i - 1], reply[i]));
    }

    // Where the drawn pictures begin. The token of a picture may also be chosen as any other is; then it is none.
    private static IEnumerable<int> Pictures(IReadOnlyList<int> reply) => reply.Index().Where(item => item.Item == SmallModel.Start).Select(item => item.Index + 1);

    // The whole sequence in one pass without a cache: drawn pictures by their learned inputs.
    private static Tensor TeacherForced(
        LanguageModel model, ReplyPrompt prompt, IReadOnlyList<int> reply, out List<(int Start, GridThw Grid)> places, long[][]? positions = null)
    {
        using IDisposable inference = no_grad();
        int[] ids = [.. prompt.Ids, .. reply];
        places = RopeIndex.FindPictures(prompt.Ids, prompt.Grids, SmallModel.Image);
        places.AddRange(Pictures(reply).Select(start => (prompt.Ids.Count + start, Wide)));
        positions ??= RopeIndex.Of(ids.Length, places).Positions;
        Tensor inputs = model.Embed(tensor(ids.Select(id => (long)id).ToArray())).clone();
        long read = 0;
        for (int i = 0; i < places.Count; i++)
        {
            long count = places[i].Grid.Tokens();
            Tensor picture = i < prompt.Grids.Count ? prompt.ImageEmbeddings!.narrow(0, read, count) : model.ImagePrefill;
            inputs.narrow(0, places[i].Start, count).copy_(picture);
            read += count;
        }

        return model.Forward(inputs.unsqueeze(0), stack([.. positions.Select(axis => tensor(axis))], 0).unsqueeze(1));
    }
}
