using System.Collections.Immutable;
using NexusGen.Cli.Training;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// Asks a model about ShapesWorld and judges what it says and draws. All cases are of the test split: no scene of theirs occurs
/// in training. The judge sees pictures and expected scenes, never a prompt.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="seed">Decides the cases and all that is drawn.</param>
/// <param name="jitter">Whether objects stand off the middle of their cells in what is shown; null for half of them.</param>
internal sealed class WorldEvaluation(NexusGenModel model, ulong seed, bool? jitter)
{
    private const string Reconstruct = "reconstruct";

    /// <summary>The suites.</summary>
    public static ImmutableArray<string> Suites { get; } = ["understand", Reconstruct, "generate", "edit", "composition", "talk"];

    /// <summary>The categories of a suite.</summary>
    public static ImmutableArray<string> CategoriesOf(string suite) => suite switch
    {
        "understand" => Understanding.Categories,
        "generate" => Generation.Categories,
        "edit" => Editing.Categories,
        "composition" => ["colours", "attribution", "position", "recolour"],
        "talk" => ["talk"],
        _ => [Reconstruct],
    };

    /// <summary>What is asked in a case, and what is expected.</summary>
    /// <param name="suite">Its suite.</param>
    /// <param name="category">Its category.</param>
    /// <param name="language">Its language.</param>
    /// <param name="number">Which one.</param>
    public WorldSample SampleOf(string suite, string category, TextLanguage language, int number)
    {
        var dice = new Dice(seed, (ulong)number);
        bool moved = jitter ?? dice.Chance(0.5);
        WorldSplit split = suite == "composition" ? WorldSplit.Composition : WorldSplit.Test;
        return suite switch
        {
            Reconstruct => new(WorldTask.Generate, category, language, [new(false, WorldSample.ImageMark)], [SceneSampler.Draw(dice, split, moved)]),
            "understand" => Understanding.Make(dice, language, category, split, moved),
            "talk" => Talking.Make(dice, language),
            _ when suite == "edit" || category == "recolour" => Editing.Make(dice, language, category, split, moved),
            _ => Generation.Make(dice, language, category, split),
        };
    }

    /// <summary>One case.</summary>
    /// <param name="suite">Its suite.</param>
    /// <param name="category">Its category.</param>
    /// <param name="language">Its language.</param>
    /// <param name="number">Which one.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    public Task<EvaluatedCase> RunAsync(string suite, string category, TextLanguage language, int number, CancellationToken cancellationToken)
    {
        WorldSample sample = SampleOf(suite, category, language, number);
        return suite == Reconstruct ? ReconstructAsync(sample, number, cancellationToken) : AskAsync(suite, sample, number, cancellationToken);
    }

    /// <summary>Paints a sample's last picture from its own embeddings: what no prediction of them can surpass.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="number">Which one; decides the noise.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    public async Task<EvaluatedCase> ReconstructAsync(WorldSample sample, int number, CancellationToken cancellationToken)
    {
        var request = new ReconstructRequest(WorldData.Render(sample.Pictures[^1])) { Picture = new() { Seed = unchecked(seed + (ulong)number) } };
        Reconstruction result = await model.ReconstructAsync(request, cancellationToken: cancellationToken);
        Verdict verdict = Judge.Check(ToPicture(result.Picture.Image), sample.Pictures[^1]);
        return new EvaluatedCase(
            Reconstruct, sample, verdict.IsRight, verdict.IsRight, verdict.IsRight, FormattableString.Invariant($"PSNR {result.Psnr:0.0}"),
            verdict.IsRight ? "" : verdict.ToString(), result.Picture.Image);
    }

    /// <summary>Asks turn after turn, as a user would: what was drawn before is what the next turn shows.</summary>
    /// <param name="suite">The suite that it counts for.</param>
    /// <param name="sample">What is asked, and what is expected.</param>
    /// <param name="number">Which one; decides the noise.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    public async Task<EvaluatedCase> AskAsync(string suite, WorldSample sample, int number, CancellationToken cancellationToken)
    {
        Chat chat = model.StartChat();
        int shown = 0;
        List<string> said = [], faults = [];
        RgbImage? drawn = null;
        for (int i = 0; i + 1 < sample.Turns.Length; i += 2)
        {
            int marks = Marks(sample.Turns[i].Text);
            RgbImage[] images = [.. Enumerable.Range(shown, marks).Select(n => drawn ?? WorldData.Render(sample.Pictures[n]))];
            shown += marks + Marks(sample.Turns[i + 1].Text);
            var input = new ChatInput(sample.Turns[i].Text)
            {
                Images = images,
                Reply = new() { MaxNewTokens = 160 },
                Picture = new() { Seed = unchecked(seed + (ulong)number) },
            };
            Reply? reply = null;
            await foreach (ReplyUpdate update in chat.SendAsync(input, cancellationToken: cancellationToken))
            {
                reply = update is ReplyUpdate.Finished finished ? finished.Reply : reply;
            }

            said.Add(reply!.PlainText.Trim());
            bool draws = sample.Turns[i + 1].Text.Contains(WorldSample.ImageMark, StringComparison.Ordinal);
            drawn = (reply as PictureReply)?.Pictures[^1].Image;
            if (draws != drawn is not null)
            {
                return Failed(suite, sample, said, draws ? "nothing was drawn" : "a picture was drawn instead of an answer", drawn);
            }

            if (!draws && AnswerJudge.Check(sample.Turns[i + 1].Text, said[^1]) is { IsRight: false } wrong)
            {
                faults.Add(wrong.ToString());
            }
        }

        if (drawn is null)
        {
            bool right = faults.Count == 0;
            return new EvaluatedCase(suite, sample, right, right, right, string.Join(" | ", said), string.Join("; ", faults), null);
        }

        return JudgePicture(suite, sample, said, drawn);
    }

    private static EvaluatedCase JudgePicture(string suite, WorldSample sample, List<string> said, RgbImage drawn)
    {
        if (sample.Source is { } source)
        {
            EditVerdict edit = Judge.CheckEdit(ToPicture(drawn), source, sample.Target!);
            return new EvaluatedCase(
                suite, sample, edit.IsRight, edit.Change.IsRight, edit.Rest.IsRight, string.Join(" | ", said), edit.IsRight ? "" : edit.ToString(), drawn);
        }

        Verdict verdict = Judge.Check(ToPicture(drawn), sample.Target!);
        return new EvaluatedCase(
            suite, sample, verdict.IsRight, verdict.IsRight, verdict.IsRight, string.Join(" | ", said), verdict.IsRight ? "" : verdict.ToString(), drawn);
    }

    private static EvaluatedCase Failed(string suite, WorldSample sample, List<string> said, string fault, RgbImage? drawn) =>
        new(suite, sample, false, false, false, string.Join(" | ", said), fault, drawn);

    /// <summary>A picture as the judge takes it.</summary>
    public static Picture ToPicture(RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());

    private static int Marks(string text) => text.Split(WorldSample.ImageMark).Length - 1;
}
