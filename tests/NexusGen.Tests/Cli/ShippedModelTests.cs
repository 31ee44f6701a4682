using NexusGen.Cli.Evaluation;
using NexusGen.Worlds.Core;

namespace NexusGen.Tests.Cli;

/// <summary>
/// The small model that ships does what its card says, by the judge, on a few held-out cases of each category (the scores of
/// many are in the card). The bounds lie well below those scores, so that only a model or code that got worse falls under them.
/// </summary>
[Collection(Alone.Name)]
public sealed class ShippedModelTests
{
    private const int Cases = 6;

    [Theory]
    [InlineData("reconstruct", 0.8)]
    [InlineData("understand", 0.8)]
    [InlineData("generate", 0.85)]
    [InlineData("edit", 0.7)]
    [InlineData("talk", 0.8)]
    public async Task ItDoesWhatItsCardSays(string suite, double least)
    {
        using var model = NexusGenModel.Open(NexusGen.Cli.Core.ModelFinder.FindTiny());
        var evaluation = new WorldEvaluation(model, seed: 77, jitter: null);
        int right = 0, asked = 0;
        foreach (string category in WorldEvaluation.CategoriesOf(suite))
        {
            for (int i = 0; i < (suite is "reconstruct" or "talk" ? 4 * Cases : Cases); i++, asked++)
            {
                TextLanguage language = i % 2 == 0 ? TextLanguage.English : TextLanguage.Chinese;
                right += (await evaluation.RunAsync(suite, category, language, i, CancellationToken.None)).Right ? 1 : 0;
            }
        }

        Assert.True(right >= least * asked, $"{suite}: {right} of {asked} are right");
    }

    // It comes with every clone and every archive.
    [Fact]
    public void ItTakesAtMost64Megabytes()
    {
        var folder = new DirectoryInfo(NexusGen.Cli.Core.ModelFinder.FindTiny());
        long bytes = folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.InRange(bytes, 1, 64_000_000);
    }
}
