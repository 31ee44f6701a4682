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
/// Asks a model about ShapesWorld and judges its texts and images. The scenes of the cases do not occur in training: they are of
/// the test split, or of the composition split for the suite of that name. The judge sees images and expected scenes, never a
/// prompt.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="seed">The seed of the cases and of all generated images.</param>
/// <param name="jitter">Whether objects in input images are off the middle of their cells, or null for half of them.</param>
/// <param name="denoising">How images are denoised, or null for the model's defaults.</param>
internal sealed class WorldEvaluation(NexusGenModel model, ulong seed, bool? jitter, ImageSettings? denoising = null)
{
    private const string Reconstruct = "reconstruct";

    /// <summary>The names of the suites.</summary>
    public static ImmutableArray<string> Suites { get; } = ["understand", Reconstruct, "generate", "edit", "composition", "talk"];

    /// <summary>Returns the categories of a suite.</summary>
    public static ImmutableArray<string> CategoriesOf(string suite) => suite switch
    {
        "understand" => Understanding.Categories,
        "generate" => Generation.Categories,
        "edit" => Editing.Categories,
        "composition" => ["colours", "attribution", "position", "recolour"],
        "talk" => ["talk"],
        _ => [Reconstruct],
    };

    /// <summary>Creates the sample of a case: its turns and the expected result.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="language">The language.</param>
    /// <param name="number">The number of the case.</param>
    public WorldSample SampleOf(string suite, string category, TextLanguage language, int number)
    {
        var dice = new Dice(seed, (ulong)number);
        bool moved = jitter ?? dice.Chance(0.5);
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

    /// <summary>Runs one case.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="language">The language.</param>
    /// <param name="number">The number of the case.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
    public Task<EvaluatedCase> RunAsync(
        string suite, string category, TextLanguage language, int number, CancellationToken cancellationToken)
    {
        WorldSample sample = SampleOf(suite, category, language, number);
        return suite == Reconstruct
            ? ReconstructAsync(sample, number, cancellationToken)
            : AskAsync(suite, sample, number, cancellationToken);
    }

    /// <summary>Decodes a sample's last image from its own embeddings: the upper bound for every prediction of them.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="number">The number of the case, which determines the noise.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
    public async Task<EvaluatedCase> ReconstructAsync(WorldSample sample, int number, CancellationToken cancellationToken)
    {
        var request = new ReconstructRequest(WorldData.Render(sample.Pictures[^1]))
        {
            Settings = SettingsOf(number),
        };
        Reconstruction result = await model.ReconstructAsync(request, cancellationToken: cancellationToken);
        Verdict verdict = Judge.Check(ToPicture(result.Image.Image), sample.Pictures[^1]);
        return new EvaluatedCase(
            Reconstruct, sample, verdict.IsRight, verdict.IsRight, verdict.IsRight,
            FormattableString.Invariant($"PSNR {result.Psnr:0.0}"), verdict.IsRight ? "" : verdict.ToString(),
            result.Image.Image);
    }

    /// <summary>Asks turn by turn, as a user would: an image generated in one turn is the input image of the next.</summary>
    /// <param name="suite">The suite that the case counts for.</param>
    /// <param name="sample">The turns and the expected result.</param>
    /// <param name="number">The number of the case, which determines the noise.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
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
                Settings = SettingsOf(number),
            };
            Reply? reply = null;
            await foreach (ReplyUpdate update in chat.SendAsync(input, cancellationToken: cancellationToken))
            {
                reply = update is ReplyUpdate.Finished finished ? finished.Reply : reply;
            }

            said.Add(reply!.PlainText.Trim());
            bool draws = sample.Turns[i + 1].Text.Contains(WorldSample.ImageMark, StringComparison.Ordinal);
            drawn = reply.Images.LastOrDefault()?.Image;
            if (draws != drawn is not null)
            {
                return Failed(
                    suite, sample, said, draws ? "no image was generated" : "an image instead of an answer", drawn);
            }

            if (!draws && AnswerJudge.Check(sample.Turns[i + 1].Text, said[^1]) is { IsRight: false } wrong)
            {
                faults.Add(wrong.ToString());
            }
        }

        if (drawn is null)
        {
            bool right = faults.Count == 0;
            return new EvaluatedCase(
                suite, sample, right, right, right, string.Join(" | ", said), string.Join("; ", faults), null);
        }

        return JudgeImage(suite, sample, said, drawn);
    }

    private ImageSettings SettingsOf(int number) =>
        (denoising ?? new ImageSettings()) with { Seed = unchecked(seed + (ulong)number) };

    private static EvaluatedCase JudgeImage(string suite, WorldSample sample, List<string> said, RgbImage drawn)
    {
        if (sample.Source is { } source)
        {
            EditVerdict edit = Judge.CheckEdit(ToPicture(drawn), source, sample.Target!);
            return new EvaluatedCase(
                suite, sample, edit.IsRight, edit.Change.IsRight, edit.Rest.IsRight, string.Join(" | ", said),
                edit.IsRight ? "" : edit.ToString(), drawn);
        }

        Verdict verdict = Judge.Check(ToPicture(drawn), sample.Target!);
        return new EvaluatedCase(
            suite, sample, verdict.IsRight, verdict.IsRight, verdict.IsRight, string.Join(" | ", said),
            verdict.IsRight ? "" : verdict.ToString(), drawn);
    }

    private static EvaluatedCase Failed(string suite, WorldSample sample, List<string> said, string fault, RgbImage? drawn) =>
        new(suite, sample, false, false, false, string.Join(" | ", said), fault, drawn);

    /// <summary>Converts an image to the judge's type.</summary>
    public static Picture ToPicture(RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());

    private static int Marks(string text) => text.Split(WorldSample.ImageMark).Length - 1;
}
