using System.Collections.Immutable;
using NexusGen.Cli.Training;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Training.Data;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Answers;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts.Suites;

namespace NexusGen.Cli.Evaluation;

/// <summary>The evaluation on the world of things; see <see cref="ThingSuites"/>.</summary>
/// <inheritdoc cref="WorldEvaluation"/>
internal sealed class ThingEvaluation(NexusGenModel model, EvaluationSettings settings) : WorldEvaluation(model, settings)
{
    /// <inheritdoc/>
    public override ImmutableArray<(string Suite, string Category)> Predicted { get; } =
    [
        .. from suite in new[] { "generate", "edit" }
           from category in ThingSuites.CategoriesOf(suite)
           select (suite, category),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> CategoriesOf(string suite) => ThingSuites.CategoriesOf(suite);

    /// <summary>Returns the number of cases of a category. Of fixed cases, the settings limit those of each language.</summary>
    /// <inheritdoc/>
    public override int CountOf(string suite, string category) => !ThingSuites.IsFixed(suite, category)
        ? Settings.Count
        : suite == ThingSuites.GenEval ? Prompts(category).Length : Paraphrases(category).Length;

    /// <inheritdoc/>
    public override EvaluationCase CaseOf(string suite, string category, int number)
    {
        if (ThingSuites.SampleOf(suite, category, number, Settings) is { } sample)
        {
            return ToCase(suite, sample);
        }

        if (suite == ThingSuites.Reconstruct)
        {
            ThingScene scene = SceneOf(number);
            return new EvaluationCase(suite, category, Settings.LanguageOf(number), [ThingSample.ImageMark], [$"{scene}"])
            {
                Target = () => Render(scene),
                IsOffMiddle = scene.HasJitter,
            };
        }

        if (suite == ThingSuites.GenEval)
        {
            (TextLanguage language, string prompt, _) = Prompts(category)[number];
            return new EvaluationCase(suite, category, language, [prompt], []);
        }

        (TextLanguage spoken, ParaphraseCase item) = Paraphrases(category)[number];
        return new EvaluationCase(
            suite, category, spoken, item.Turns.IsDefault ? [item.Text!] : [.. item.Turns.Select(turn => turn.Text)], [item.Id])
        {
            Source = item.Scene is null ? null : () => Render(ParaphraseScenes.Make(item).Scene),
        };
    }

    /// <inheritdoc/>
    public override async Task<EvaluatedCase> RunAsync(
        string suite, string category, int number, CancellationToken cancellationToken)
    {
        if (ThingSuites.SampleOf(suite, category, number, Settings) is { } sample)
        {
            return await new ThingConversation(StartChat(), Send).RunAsync(ToCase(suite, sample), sample);
        }

        EvaluationCase item = CaseOf(suite, category, number);
        if (suite == ThingSuites.Reconstruct)
        {
            ThingScene scene = SceneOf(number);
            return await ReconstructAsync(
                item, Render(scene), picture => ThingJudge.Check(picture, scene), number, cancellationToken);
        }

        if (suite == ThingSuites.GenEval)
        {
            Reply drawn = await Send(StartChat(), item.Turns[0], []);
            return Check(item, drawn, reading => GenEvalJudge.Check(Prompts(category)[number].Record, reading).Reason);
        }

        return await AskAsync(item, Paraphrases(category)[number].Case, StartChat(), Send);

        Task<Reply> Send(Chat chat, string text, IReadOnlyList<RgbImage> images) =>
            SendAsync(chat, text, images, number, cancellationToken);
    }

    /// <inheritdoc/>
    public override TrainingSample PredictedSample(string suite, string category, int number) =>
        ThingData.ToTraining(ThingSuites.SampleOf(suite, category, number, Settings)!);

    /// <summary>Renders a scene.</summary>
    internal static RgbImage Render(ThingScene scene) => ToImage(ThingRenderer.Render(scene));

    /// <summary>Returns how the images of a case are denoised. The judge reads images of one size.</summary>
    protected override ImageSettings SettingsOf(int number) =>
        base.SettingsOf(number) with { Width = ThingGeometry.Side, Height = ThingGeometry.Side };

    private static EvaluatedCase Check(EvaluationCase item, Reply reply, Func<ThingReading, string> findFault)
    {
        string said = reply.PlainText.Trim();
        if (reply.Images.LastOrDefault()?.Image is not { } image)
        {
            return item.Fail(said, ThingConversation.NoImage);
        }

        string fault = findFault(ThingJudge.Read(ToPicture(image)));
        return fault.Length == 0 ? item.Succeed(said, image) : item.Fail(said, fault, image);
    }

    private static async Task<EvaluatedCase> AskAsync(
        EvaluationCase item, ParaphraseCase asked, Chat chat, Func<Chat, string, IReadOnlyList<RgbImage>, Task<Reply>> send)
    {
        if (asked.Kind == "talk")
        {
            return await new ThingConversation(chat, send).RunAsync(item, asked);
        }

        Reply reply = await send(chat, asked.Text!, item.Source is { } source ? [source()] : []);
        string said = reply.PlainText.Trim();
        RgbImage? image = reply.Images.LastOrDefault()?.Image;
        return asked.Kind switch
        {
            ThingSuites.Allowed when item.Suite == ThingSuites.Limits => image is null
                ? item.Fail(said, ThingConversation.NoImage)
                : item.Succeed(said, image),
            "ask" => image is not null ? item.Fail(said, ThingConversation.Image, image)
                : asked.Answer!.IsSaidBy(said, item.Language) ? item.Succeed(said)
                : item.Fail(said, "the answer doesn't say what it must"),
            "limit" => image is not null ? item.Fail(said, ThingConversation.Image, image)
                : ReplyIntents.Of(item.Language).IsRefusal(said) ? item.Succeed(said)
                : item.Fail(said, "the reply doesn't say what can't be done"),
            "edit" => Check(item, reply, reading => Fault(ParaphraseJudge.CheckEdit(asked, reading))),
            _ => Check(item, reply, reading => Fault(ParaphraseJudge.Check(asked.Picture!, reading))),
        };
    }

    private static string Fault(Verdict verdict) => verdict.IsRight ? "" : verdict.ToString();

    private static EvaluationCase ToCase(string suite, ThingSample sample) => new(
        suite, sample.Category, sample.Language, [.. sample.Turns.Select(turn => turn.Text)],
        [.. sample.Pictures.Select(scene => $"{scene}")])
    {
        Source = sample.Source is { } source ? () => Render(source) : null,
        Target = sample.Target is { } target ? () => Render(target) : null,
        IsOffMiddle = sample.Turns[0].Text.Contains(ThingSample.ImageMark, StringComparison.Ordinal)
            ? sample.Pictures.Any(scene => scene.HasJitter)
            : null,
    };

    private ThingScene SceneOf(int number)
    {
        var dice = new Dice(Settings.Seed, (ulong)number);
        return ThingSampler.Draw(dice, WorldSplit.Test, jitter: dice.Chance(Settings.JitterShare));
    }

    private (TextLanguage Language, ParaphraseCase Case)[] Paraphrases(string category) =>
        Limited(ThingSuites.Paraphrases(category, Settings.Language), one => one.Language);

    private (TextLanguage Language, string Prompt, GenEvalRecord Record)[] Prompts(string category) =>
        Limited(ThingSuites.Prompts(category, Settings.Language), one => one.Language);

    private T[] Limited<T>(IEnumerable<T> all, Func<T, TextLanguage> languageOf) =>
        [.. all.GroupBy(languageOf).SelectMany(group => group.Take(Settings.Count))];
}
