using System.Collections.Immutable;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Training.Data;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// Asks a model about a world and judges its texts and images. No scene of the cases occurs in training. The judge sees images
/// and what is expected, never a prompt.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">What determines the cases and how images are denoised.</param>
internal abstract class WorldEvaluation(NexusGenModel model, EvaluationSettings settings)
{
    private const int MaxNewTokens = 160;

    /// <summary>The categories whose cases generate images, each with its suite.</summary>
    public abstract ImmutableArray<(string Suite, string Category)> Predicted { get; }

    /// <summary>The settings.</summary>
    protected EvaluationSettings Settings => settings;

    /// <summary>Returns the categories of a suite.</summary>
    /// <param name="suite">The suite.</param>
    public abstract ImmutableArray<string> CategoriesOf(string suite);

    /// <summary>Returns the number of cases of a category.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    public virtual int CountOf(string suite, string category) => settings.Count;

    /// <summary>Creates a case.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="number">The number of the case in its category.</param>
    public abstract EvaluationCase CaseOf(string suite, string category, int number);

    /// <summary>Runs one case.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="number">The number of the case in its category.</param>
    /// <param name="cancellationToken">Cancels the case between two steps.</param>
    public abstract Task<EvaluatedCase> RunAsync(
        string suite, string category, int number, CancellationToken cancellationToken);

    /// <summary>Creates a case of <see cref="Predicted"/> as a training sample.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="number">The number of the case in its category.</param>
    public abstract TrainingSample PredictedSample(string suite, string category, int number);

    /// <summary>Converts an image to the judges' type.</summary>
    internal static Picture ToPicture(RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());

    /// <summary>Converts a rendered image.</summary>
    protected static RgbImage ToImage(Picture picture) => RgbImage.FromBytes(picture.Rgb, picture.Width, picture.Height);

    /// <summary>Returns how the images of a case are denoised.</summary>
    protected virtual ImageSettings SettingsOf(int number) => settings.ImageSettingsOf(number);

    /// <summary>Starts a conversation.</summary>
    protected Chat StartChat() => model.StartChat();

    /// <summary>Sends a turn and returns the reply.</summary>
    protected async Task<Reply> SendAsync(
        Chat chat, string text, IReadOnlyList<RgbImage> images, int number, CancellationToken cancellationToken)
    {
        var input = new ChatInput(text)
        {
            Images = images,
            Reply = new() { MaxNewTokens = MaxNewTokens },
            Settings = SettingsOf(number),
        };
        Reply? reply = null;
        await foreach (ReplyUpdate update in chat.SendAsync(input, cancellationToken: cancellationToken))
        {
            reply = update is ReplyUpdate.Finished finished ? finished.Reply : reply;
        }

        return reply!;
    }

    /// <summary>Decodes an image from its own embeddings: the upper bound for every prediction of them.</summary>
    protected async Task<EvaluatedCase> ReconstructAsync(
        EvaluationCase item, RgbImage image, Func<Picture, Verdict> judge, int number, CancellationToken cancellationToken)
    {
        var request = new ReconstructRequest(image) { Settings = SettingsOf(number) };
        Reconstruction result = await model.ReconstructAsync(request, cancellationToken: cancellationToken);
        RgbImage again = result.Image.Image;
        return Judged(item, judge(ToPicture(again)), FormattableString.Invariant($"PSNR {result.Psnr:0.0}"), again);
    }

    /// <summary>Returns the result of a case by a verdict.</summary>
    protected static EvaluatedCase Judged(EvaluationCase item, Verdict verdict, string said, RgbImage? picture = null) =>
        verdict.IsRight ? item.Succeed(said, picture) : item.Fail(said, verdict.ToString(), picture);
}
