using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of prompts that do not fit their images or the model.</summary>
public sealed class ReplyChecksTests : InferenceTest
{
    public static TheoryData<string, string> WrongPrompts => new()
    {
        { "empty", "at least one token" },
        { "no prompts", "at least one" },
        { "grid", "12 were given" },
        { "strange token", "16" },
        { "long", "shorten" },
        { "missing picture", "were given" },
        { "odd grid", "multiples" },
        { "budget", "at least 1" },
        { "drawn grid", "has learned 12" },
        { "temperature", "temperature" },
    };

    [Theory]
    [MemberData(nameof(WrongPrompts))]
    public void AWrongPromptIsRefusedInOneSentence(string wrong, string said)
    {
        using LanguageModel model = SmallModel.Create(SmallModel.Configuration with { MaxPositionEmbeddings = 200 });
        TokenizedPrompt good = SmallModel.Prompt(3, new GridThw(1, 6, 8));
        GenerationOptions options = SmallModel.Sampled(1);
        (TokenizedPrompt, GenerationOptions)[] prompts = wrong switch
        {
            "empty" => [(new TokenizedPrompt([], null, []), options)],
            "no prompts" => [],
            "grid" => [(good with { Grids = [new GridThw(1, 6, 6)] }, options)],
            "strange token" => [(SmallModel.Prompt(1) with { Ids = [1, 16] }, options)],
            "long" => [(SmallModel.Prompt(190), options)],
            "missing picture" => [(good with { Grids = [], ImageEmbeddings = null }, options)],
            "odd grid" => [(good with { Grids = [new GridThw(1, 16, 3)] }, options)],
            "budget" => [(good, options with { MaxNewTokens = 0 })],
            "drawn grid" => [(good, options with { ImageGrid = new GridThw(1, 6, 6) })],
            _ => [(good, options), (good, options with { Sampling = new SamplingOptions { Temperature = -1 } })],
        };
        string message = Assert.ThrowsAny<NexusGenException>(() => new GenerationBatch(model, prompts)).Message;
        Assert.Contains(said, message);
        Assert.EndsWith(".", message);
    }
}
