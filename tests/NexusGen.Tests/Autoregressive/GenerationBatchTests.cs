using NexusGen.Autoregressive;
using NexusGen.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of replies, their images, and batches of them.</summary>
public sealed class GenerationBatchTests : InferenceTest
{
    private static readonly int Pass = SmallModel.Configuration.ImageTokens + 1;

    [Fact]
    public void OnePassOverAPictureEqualsOneTokenAfterTheOther()
    {
        using LanguageModel model = SmallModel.Create();
        foreach (GenerationOptions options in (GenerationOptions[])
            [SmallModel.Sampled(1), SmallModel.Sampled(2) with { Positions = PositionMode.Training }])
        {
            var prompt = SmallModel.Prompt(9, new GridThw(1, 4, 6));
            using GenerationBatch once = SmallModel.Run(model, false, (prompt, options)),
                slowly = SmallModel.Run(model, true, (prompt, options));
            Assert.NotEmpty(once.Sequences[0].ImageEmbeddings);
            AssertSame(slowly.Sequences[0], once.Sequences[0]);
        }
    }

    [Fact]
    public void ABatchEqualsEachPromptAlone()
    {
        using LanguageModel model = SmallModel.Create();
        (TokenizedPrompt Prompt, GenerationOptions Options)[] prompts =
        [
            (SmallModel.Prompt(4), SmallModel.Sampled(1)),
            (SmallModel.Prompt(19, new GridThw(1, 4, 6), new GridThw(1, 2, 2)), SmallModel.Sampled(2)),
            (SmallModel.Prompt(2), SmallModel.Sampled(3, tokens: 3)),
            (SmallModel.Prompt(7, new GridThw(1, 8, 4)), SmallModel.Sampled(4) with { ForceImage = true }),
            (SmallModel.Prompt(30), SmallModel.Sampled(5) with { ImageGrid = new GridThw(1, 4, 12) }),
            (SmallModel.Prompt(5), SmallModel.Sampled(6) with { Positions = PositionMode.Training }),
        ];
        using GenerationBatch together = SmallModel.Run(model, false, prompts);
        Assert.True(together.Sequences.Select(sequence => sequence.GeneratedCount).Distinct().Count() > 3);
        Assert.True(together.Sequences.Sum(sequence => sequence.ImageEmbeddings.Count) > 5);
        for (int row = 0; row < prompts.Length; row++)
        {
            using GenerationBatch alone = SmallModel.Run(model, false, prompts[row]);
            AssertSame(alone.Sequences[0], together.Sequences[row]);
        }
    }

    [Fact]
    public void PlainAutoregressionFeedsBackWhatItPredicts()
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(6, new GridThw(1, 4, 6));
        GenerationOptions options = SmallModel.Sampled(2, tokens: 150) with { Positions = PositionMode.Training, Plain = true };
        using GenerationBatch batch = SmallModel.Run(model, false, (prompt, options)),
            prefilled = SmallModel.Run(model, false, (prompt, options with { Plain = false }));
        GenerationSequence reply = batch.Sequences[0];
        Assert.NotEmpty(reply.ImageEmbeddings);
        Tensor states = Teacher(model, prompt, reply, SmallModel.Grid);
        foreach ((int number, int begin) in Begins([.. prompt.Ids, .. reply.GeneratedIds], prompt.Ids.Count).Index())
        {
            SmallModel.AssertClose(model.ImageEmbeddings(states.narrow(0, begin, Pass - 1)), reply.ImageEmbeddings[number]);
        }

        Assert.True(allclose(reply.ImageEmbeddings[0][0], prefilled.Sequences[0].ImageEmbeddings[0][0], 1e-4, 1e-5));
        Assert.False(allclose(reply.ImageEmbeddings[0][3], prefilled.Sequences[0].ImageEmbeddings[0][3], 1e-3));
    }

    [Theory]
    [InlineData(PositionMode.Training)]
    [InlineData(PositionMode.Reference)]
    public void SeveralPicturesAreThoseOfATrainingPass(PositionMode positions)
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(6, new GridThw(1, 4, 6));
        GenerationOptions options = SmallModel.Sampled(2, tokens: 150) with { Positions = positions };
        using GenerationBatch batch = SmallModel.Run(model, false, (prompt, options));
        GenerationSequence reply = batch.Sequences[0];
        Assert.True(reply.ImageEmbeddings.Count >= 3);

        Tensor states = Teacher(model, prompt, reply, SmallModel.Grid);
        int[] ids = [.. prompt.Ids, .. reply.GeneratedIds], begins = Begins(ids, prompt.Ids.Count);
        Assert.Equal(reply.ImageEmbeddings.Count, begins.Length);
        for (int i = 0; i < begins.Length; i++)
        {
            SmallModel.AssertClose(model.ImageEmbeddings(states.narrow(0, begins[i], Pass - 1)), reply.ImageEmbeddings[i]);
        }

        // The text tokens too: those between the first and the second image were generated at the official positions, all others
        // at those of training, even after the repeated prefill.
        using var sampler = new TokenSampler(options.Sampling);
        int checkedWords = 0;
        for (int i = prompt.Ids.Count; i < ids.Length; i++)
        {
            if (begins.Any(begin => i > begin && i <= begin + Pass))
            {
                continue;
            }

            Tensor logits = model.Logits(states[i - 1]);
            logits[SmallModel.VisionEnd] = float.NegativeInfinity;
            int word = sampler.Next(logits, ids[..i]);
            if (positions == PositionMode.Training || i <= begins[0] || i > begins[1])
            {
                Assert.Equal(ids[i], word);
                checkedWords++;
            }
        }

        Assert.True(checkedWords > 10);
    }

    [Fact]
    public void AfterOnePictureTheOfficialPositionsGoOnByTokens()
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(6);
        var greedy = new SamplingOptions { Temperature = 0 };
        var options = new GenerationOptions
        {
            ImageGrid = SmallModel.Grid,
            ForceImage = true,
            MaxNewTokens = Pass + 2,
            Sampling = greedy
        };
        using GenerationBatch batch = SmallModel.Run(model, false, (prompt, options));
        using GenerationBatch training = SmallModel.Run(
            model, false, (prompt, options with { Positions = PositionMode.Training }));
        SmallModel.AssertClose(batch.Sequences[0].ImageEmbeddings[0], training.Sequences[0].ImageEmbeddings[0]);

        // Computed by hand: the start token at 7 (1 + 6 words), 12 image tokens of a 3 by 4 grid after it, then the end token at
        // 7 + 1 + 12.
        long[] t = [.. Enumerable.Range(0, 8).Select(i => (long)i), .. Enumerable.Repeat(8L, 12), 20];
        long[] h = [.. t[..8], .. Enumerable.Range(0, 12).Select(k => 8L + (k / 4)), 20],
            w = [.. t[..8], .. Enumerable.Range(0, 12).Select(k => 8L + (k % 4)), 20];
        Tensor ids = tensor(prompt.Ids.Append(SmallModel.VisionStart).Select(id => (long)id).ToArray());
        Tensor inputs = cat(
            [model.Embed(ids), model.ImagePrefill, model.Embed(tensor(new long[] { SmallModel.VisionEnd }))], 0).unsqueeze(0);
        Tensor states = model.Forward(inputs, stack([tensor(t), tensor(h), tensor(w)], 0).unsqueeze(1));
        SmallModel.AssertClose(model.ImageEmbeddings(states[0].narrow(0, 7, 12)), batch.Sequences[0].ImageEmbeddings[0]);
        Tensor logits = model.Logits(states[0, -1]);
        logits[SmallModel.VisionEnd] = float.NegativeInfinity;
        Assert.Equal((int)logits.argmax().item<long>(), batch.Sequences[0].GeneratedIds[Pass + 1]);
    }

    [Theory]
    [InlineData(1, 4, 12)]
    [InlineData(3, 2, 8)]
    public void ThePictureNeedNotBeSquareNorOne(long t, long h, long w)
    {
        using LanguageModel model = SmallModel.Create();
        var grid = new GridThw(t, h, w);
        TokenizedPrompt prompt = SmallModel.Prompt(3);
        using GenerationBatch batch = SmallModel.Run(
            model,
            false,
            (prompt, SmallModel.Sampled(9) with { ImageGrid = grid, ForceImage = true, Positions = PositionMode.Training }));
        GenerationSequence reply = batch.Sequences[0];
        Tensor states = Teacher(model, prompt, reply, grid);
        SmallModel.AssertClose(model.ImageEmbeddings(states.narrow(0, prompt.Ids.Count, 12)), reply.ImageEmbeddings[0]);
    }

    [Fact]
    public void NothingIsLeftBehind()
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(4, new GridThw(1, 4, 6));
        void Once()
        {
            using var batch = new GenerationBatch(model, [(prompt, SmallModel.Sampled(1)), (prompt, SmallModel.Sampled(2))]);
            bool going = true;
            long live = 0;
            while (going)
            {
                int drawn = batch.Sequences.Sum(sequence => sequence.ImageEmbeddings.Count);
                going = batch.Step();
                long now = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                    - (batch.Sequences.Sum(sequence => sequence.ImageEmbeddings.Count) - drawn);
                Assert.True(live == 0 || now == live, $"{now - live} tensors stay after a step");
                live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            }
        }

        Once();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void AssertSame(GenerationSequence expected, GenerationSequence actual)
    {
        Assert.Equal(expected.GeneratedIds, actual.GeneratedIds);
        Assert.Equal(expected.Finish, actual.Finish);
        Assert.Equal(expected.ImageEmbeddings.Count, actual.ImageEmbeddings.Count);
        foreach ((Tensor first, Tensor second) in expected.ImageEmbeddings.Zip(actual.ImageEmbeddings))
        {
            SmallModel.AssertClose(first, second);
        }
    }

    // The start tokens of the images of a reply: each is followed by an image.
    private static int[] Begins(int[] ids, int from) =>
        [.. Enumerable.Range(from, ids.Length - from).Where(i => ids[i] == SmallModel.VisionStart)];

    // Computes the complete sequence in one pass, as in training: the inputs of generated images are the learned ones, and all
    // grids are known.
    private static Tensor Teacher(LanguageModel model, TokenizedPrompt prompt, GenerationSequence reply, GridThw drawn)
    {
        int[] ids = [.. prompt.Ids, .. reply.GeneratedIds];
        Tensor inputs = model.Embed(tensor(ids.Select(id => (long)id).ToArray()));
        List<(int Start, GridThw Grid)> pictures = RopeIndex.FindImages(prompt.Ids, prompt.Grids, SmallModel.ImageToken);
        long read = 0;
        foreach ((int start, GridThw grid) in pictures)
        {
            inputs.narrow(0, start, grid.Tokens()).copy_(prompt.ImageEmbeddings!.narrow(0, read, grid.Tokens()));
            read += grid.Tokens();
        }

        foreach ((int number, int begin) in Begins(ids, prompt.Ids.Count).Index())
        {
            inputs.narrow(0, begin + 1, Pass - 1).copy_(reply.Options.Plain ? reply.ImageEmbeddings[number] : model.ImagePrefill);
            pictures.Add((begin + 1, drawn));
        }

        (long[][] positions, _) = RopeIndex.Of(ids.Length, pictures);
        return model.Forward(inputs.unsqueeze(0), stack([.. positions.Select(axis => tensor(axis))], 0).unsqueeze(1))[0];
    }
}
