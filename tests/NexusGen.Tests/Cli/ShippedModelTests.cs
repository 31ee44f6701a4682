using NexusGen.Cli.Evaluation;

namespace NexusGen.Tests.Cli;

/// <summary>
/// The small model that ships does what its card says, according to the judge, on a few held-out cases of each category (the card
/// has the scores of many cases). The bounds are well below those scores, so only a model or code that got worse fails.
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
        var evaluation = new ShapesEvaluation(
            model,
            new EvaluationSettings { Model = "", Weights = default, Seed = 77, Jitter = null, Language = null, Count = Cases });
        int right = 0, asked = 0;
        foreach (string category in evaluation.CategoriesOf(suite))
        {
            for (int i = 0; i < (suite is "reconstruct" or "talk" ? 4 * Cases : Cases); i++, asked++)
            {
                right += (await evaluation.RunAsync(suite, category, i, CancellationToken.None)).Right ? 1 : 0;
            }
        }

        Assert.True(right >= least * asked, $"{suite}: {right} of {asked} are right");
    }

    // The model is part of every clone and every archive.
    [Fact]
    public void ItTakesAtMost64Megabytes()
    {
        var folder = new DirectoryInfo(NexusGen.Cli.Core.ModelFinder.FindTiny());
        long bytes = folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.InRange(bytes, 1, 64_000_000);
    }
}
