using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// Turns conversations into token ids and labels, as the official training does (<c>train/ar/template.py</c> with ms-swift's
/// template): the loss is on what the assistant says and on the end of its turns, earlier turns included. Safe to use from
/// several threads.
/// </summary>
/// <param name="files">The model's tokenizer, image processor and grids.</param>
/// <param name="maxLength">The most tokens of a sample.</param>
/// <param name="sourceGrid">
/// The grid that pictures of the user are resized to; null where they are only bounded, as in training. The data of the editing
/// decoder is prepared with the source's grid (<c>prepare_embeddataset_for_edit.py</c>).
/// </param>
public sealed class SampleEncoder(ModelFiles files, int maxLength = int.MaxValue, GridThw? sourceGrid = null)
{
    private readonly int _imageToken = files.LanguageModel.ImageTokenId;

    /// <summary>Encodes a conversation.</summary>
    /// <param name="sample">The conversation. Pictures of the assistant are resized to the drawn grid, others are bounded.</param>
    /// <exception cref="NexusGenException">There are more or fewer marks than pictures, a picture can't be fitted, or it is too long.</exception>
    public EncodedSample Encode(TrainingSample sample)
    {
        (List<int> marked, List<int> markedLabels, List<bool> drawn) = Tokenize(sample);
        RgbImage[] pictures = [.. sample.Pictures.Zip(drawn, Fit)];
        using ProcessedImages? processed = pictures.Length == 0 ? null : files.ImageProcessor.Process(pictures, resize: false);
        IReadOnlyList<GridThw> grids = processed?.Grids ?? [];
        List<int> ids = [], labels = [];
        int picture = 0;
        for (int i = 0; i < marked.Count; i++)
        {
            int count = marked[i] == _imageToken ? (int)grids[picture++].Tokens(files.LanguageModel.Vision.SpatialMergeSize) : 1;
            ids.AddRange(Enumerable.Repeat(marked[i], count));
            labels.AddRange(Enumerable.Repeat(markedLabels[i], count));
        }

        return ids.Count <= maxLength
            ? new EncodedSample(ids, labels, grids, processed?.PixelValues.alias().DetachFromDisposeScope())
            : throw TooLong(ids.Count);
    }

    /// <summary>Looks whether a conversation can be encoded, without looking at pixels.</summary>
    /// <inheritdoc cref="Encode"/>
    public void Check(TrainingSample sample)
    {
        (List<int> ids, _, List<bool> drawn) = Tokenize(sample);
        int merge = files.LanguageModel.Vision.SpatialMergeSize, side = files.LanguageModel.Vision.PatchSize * merge;
        long length = ids.Count - drawn.Count + sample.Pictures.Zip(drawn).Sum(pair =>
            pair.Second ? files.Configuration.ImageTokens
            : sourceGrid?.Tokens(merge) ?? Bounded(pair.First) / ((long)side * side));
        if (length > maxLength)
        {
            throw TooLong(length);
        }
    }

    private long Bounded(RgbImage picture)
    {
        (int width, int height) = SmartResize.Fit(picture.Width, picture.Height, files.Configuration.Defaults.MaxPixels);
        return (long)width * height;
    }

    private TrainingException TooLong(long length) => new($"has {length} tokens, more than {maxLength}");

    // Each stretch by itself, as the template does: what the assistant says never grows into one token with what stands before it.
    private (List<int> Ids, List<int> Labels, List<bool> Drawn) Tokenize(TrainingSample sample)
    {
        IReadOnlyList<TrainingMessage> messages = sample.Messages;
        List<int> ids = [], labels = [];
        List<bool> drawn = [];
        void Add(string text, bool learned)
        {
            int[] tokens = files.Tokenizer.Encode(text);
            ids.AddRange(tokens);
            labels.AddRange(learned ? tokens : Enumerable.Repeat(EncodedSample.NoLoss, tokens.Length));
        }

        if (messages.Count == 0 || messages[^1].Role != ChatMessage.AssistantRole)
        {
            throw new TrainingException("does not end with a turn of the assistant, so there is nothing to learn");
        }

        string before = messages[0].Role == ChatMessage.SystemRole ? "" : Turn(ChatMessage.SystemRole, ChatTemplate.DefaultSystemPrompt);
        foreach (TrainingMessage message in messages)
        {
            int marks = message.Content.Split(TrainingRecord.ImageMark).Length - 1;
            drawn.AddRange(Enumerable.Repeat(message.Role == ChatMessage.AssistantRole, marks));
            if (message.Role != ChatMessage.AssistantRole)
            {
                before += Turn(message.Role, message.Content);
                continue;
            }

            Add(before + SpecialTokens.TurnStart + message.Role + "\n", learned: false);
            Add(Pictured(message.Content) + SpecialTokens.TurnEnd, learned: true);
            before = "\n";
        }

        return drawn.Count == sample.Pictures.Count
            ? (ids, labels, drawn)
            : throw new TrainingException($"has {sample.Pictures.Count} pictures but {drawn.Count} marks {TrainingRecord.ImageMark}");
    }

    private static string Turn(string role, string content) => $"{SpecialTokens.TurnStart}{role}\n{Pictured(content)}{SpecialTokens.TurnEnd}\n";

    private static string Pictured(string content) => content.Replace(TrainingRecord.ImageMark, SpecialTokens.Image, StringComparison.Ordinal);

    private RgbImage Fit(RgbImage picture, bool drawn)
    {
        if (!drawn && sourceGrid is null)
        {
            return ImageFitting.BoundImage(picture, files.Configuration.Defaults.MaxPixels);
        }

        GridThw grid = drawn ? files.Configuration.Grids.Drawn : sourceGrid!.Value;
        int patch = files.LanguageModel.Vision.PatchSize;
        return Resampler.Resize(picture, (int)grid.W * patch, (int)grid.H * patch, ResampleFilter.Bicubic);
    }
}
