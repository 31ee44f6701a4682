using System.Collections.Immutable;
using NexusGen.Cli.Training;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Training.Data;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// The evaluation on ShapesWorld. Scenes are of the test split, or of the composition split for the suite of that name.
/// </summary>
/// <inheritdoc cref="WorldEvaluation"/>
internal sealed class ShapesEvaluation(NexusGenModel model, EvaluationSettings settings) : WorldEvaluation(model, settings)
{
    private const string Reconstruct = "reconstruct";

    /// <summary>The names of the suites.</summary>
    public static ImmutableArray<string> Names { get; } =
        ["understand", Reconstruct, "generate", "edit", "composition", "talk"];

    /// <inheritdoc/>
    public override ImmutableArray<(string Suite, string Category)> Predicted { get; } =
    [
        .. Generation.Categories.Select(category => ("generate", category)),
        .. Editing.Categories.Select(category => ("edit", category)),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> CategoriesOf(string suite) => suite switch
    {
        "understand" => Understanding.Categories,
        "generate" => Generation.Categories,
        "edit" => Editing.Categories,
        "composition" => ["colours", "attribution", "position", "recolour"],
        "talk" => ["talk"],
        _ => [Reconstruct],
    };

    /// <inheritdoc/>
    public override EvaluationCase CaseOf(string suite, string category, int number) =>
        ToCase(suite, SampleOf(suite, category, number));

    /// <inheritdoc/>
    public override Task<EvaluatedCase> RunAsync(
        string suite, string category, int number, CancellationToken cancellationToken)
    {
        WorldSample sample = SampleOf(suite, category, number);
        return suite == Reconstruct
            ? ReconstructAsync(sample, number, cancellationToken)
            : AskAsync(suite, sample, number, cancellationToken);
    }

    /// <inheritdoc/>
    public override TrainingSample PredictedSample(string suite, string category, int number)
    {
        WorldTask task = suite == "edit" ? WorldTask.Edit : WorldTask.Generate;
        var mix = new WorldMix(Settings.Seed, task, WorldSplit.Test)
        {
            Categories = [category],
            Language = Settings.Language,
            JitterShare = task == WorldTask.Generate ? 0 : Settings.JitterShare,
        };
        return WorldData.ToTraining(mix[number]);
    }

    /// <summary>Decodes a sample's last image from its own embeddings.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="number">The number of the case, which determines the noise.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
    public Task<EvaluatedCase> ReconstructAsync(WorldSample sample, int number, CancellationToken cancellationToken) =>
        ReconstructAsync(
            ToCase(Reconstruct, sample), WorldData.Render(sample.Pictures[^1]),
            picture => Judge.Check(picture, sample.Pictures[^1]), number, cancellationToken);

    /// <summary>Asks turn by turn, as a user would: an image generated in one turn is the input image of the next.</summary>
    /// <param name="suite">The suite that the case counts for.</param>
    /// <param name="sample">The turns and the expected result.</param>
    /// <param name="number">The number of the case, which determines the noise.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
    public async Task<EvaluatedCase> AskAsync(string suite, WorldSample sample, int number, CancellationToken cancellationToken)
    {
        EvaluationCase item = ToCase(suite, sample);
        Chat chat = StartChat();
        int shown = 0;
        List<string> said = [], faults = [];
        RgbImage? drawn = null, before = null;
        for (int i = 0; i + 1 < sample.Turns.Length; i += 2)
        {
            int marks = Marks(sample.Turns[i].Text);
            RgbImage[] images = [.. Enumerable.Range(shown, marks).Select(n => drawn ?? WorldData.Render(sample.Pictures[n]))];
            shown += marks + Marks(sample.Turns[i + 1].Text);
            before = images.LastOrDefault();
            Reply reply = await SendAsync(chat, sample.Turns[i].Text, images, number, cancellationToken);
            said.Add(reply.PlainText.Trim());
            bool draws = sample.Turns[i + 1].Text.Contains(WorldSample.ImageMark, StringComparison.Ordinal);
            drawn = reply.Images.LastOrDefault()?.Image;
            if (draws != drawn is not null)
            {
                return item.Fail(Joined(said), draws ? "no image was generated" : "an image instead of an answer", drawn);
            }

            if (!draws && AnswerJudge.Check(sample.Turns[i + 1].Text, said[^1]) is { IsRight: false } wrong)
            {
                faults.Add(wrong.ToString());
            }
        }

        if (drawn is null)
        {
            return faults.Count == 0 ? item.Succeed(Joined(said)) : item.Fail(Joined(said), string.Join("; ", faults));
        }

        if (sample.Source is not { } source)
        {
            return Judged(item, Judge.Check(ToPicture(drawn), sample.Target!), Joined(said), drawn);
        }

        EditVerdict edit = Judge.CheckEdit(ToPicture(drawn), source, sample.Target!);
        return (edit.IsRight ? item.Succeed(Joined(said), drawn) : item.Fail(Joined(said), edit.ToString(), drawn))
            .OfEdit(edit, before!, drawn);
    }

    private WorldSample SampleOf(string suite, string category, int number)
    {
        TextLanguage language = Settings.LanguageOf(number);
        var dice = new Dice(Settings.Seed, (ulong)number);
        bool moved = Settings.Jitter ?? dice.Chance(0.5);
        WorldSplit split = suite == "composition" ? WorldSplit.Composition : WorldSplit.Test;
        return suite switch
        {
            Reconstruct => new(
                WorldTask.Generate, category, language, [new(false, WorldSample.ImageMark)],
                [SceneSampler.Draw(dice, split, moved)]),
            "understand" => Understanding.Make(dice, language, category, split, moved),
            "talk" => Talking.Make(dice, language),
            _ when suite == "edit" || category == "recolour" => Editing.Make(dice, language, category, split, moved),
            _ => Generation.Make(dice, language, category, split),
        };
    }

    // If an image is generated from text, the world determines the layout, with all objects in the middle of their cells.
    private static EvaluationCase ToCase(string suite, WorldSample sample) => new(
        suite, sample.Category, sample.Language, [.. sample.Turns.Select(turn => turn.Text)],
        [.. sample.Pictures.Select(scene => scene.ToString())])
    {
        Source = sample.Source is { } source ? () => WorldData.Render(source) : null,
        Target = sample.Pictures is [.., var last] ? () => WorldData.Render(last) : null,
        IsOffMiddle = Marks(sample.Turns[0].Text) > 0 ? sample.Pictures.Any(scene => scene.HasJitter) : null,
    };

    private static string Joined(List<string> said) => string.Join(" | ", said);

    private static int Marks(string text) => text.Split(WorldSample.ImageMark).Length - 1;
}
