using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// Encodes conversations into token ids and labels, as the official training does (<c>train/ar/template.py</c> with ms-swift's
/// template): the loss applies to the content of all assistant turns and to the token that ends each of them. Thread-safe.
/// </summary>
/// <param name="files">Provides the model's tokenizer, image processor and grids.</param>
/// <param name="maxLength">The maximum number of tokens per sample.</param>
/// <param name="sourceGrid">
/// The grid that the user's images are resized to, or null to only limit their size, as in training. The data of the editing
/// decoder is prepared with the grid of source images (<c>prepare_embeddataset_for_edit.py</c>).
/// </param>
internal sealed class SampleEncoder(ModelFiles files, int maxLength = int.MaxValue, GridThw? sourceGrid = null)
{
    private readonly int _imageToken = files.LanguageModel.ImageTokenId;

    /// <summary>Encodes a conversation.</summary>
    /// <param name="sample">
    /// The conversation. Images of the assistant are resized to the grid of generated images. For other images, see the source
    /// grid of the constructor.
    /// </param>
    /// <exception cref="NexusGenException">
    /// The conversation does not end with an assistant turn, the number of image marks differs from the number of images, a text
    /// contains the token of an image, an image has an unsupported shape, or the sample is too long.
    /// </exception>
    public EncodedSample Encode(TrainingSample sample)
    {
        (List<int> marked, List<int> markedLabels, List<bool> drawn) = Tokenize(sample);

        // A picture is processed once, however often the conversation shows it: each question about it does.
        RgbImage[] images = [.. sample.Images.Zip(drawn, Fit)], pictures = [.. images.Distinct()];
        int[] numbers = [.. images.Select(image => Array.IndexOf(pictures, image))];
        using ProcessedImages? processed = pictures.Length == 0 ? null : files.ImageProcessor.Process(pictures, resize: false);
        GridThw[] grids = [.. numbers.Select(number => processed!.Grids[number])];
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
            {
                Pictures = numbers,
            }
            : throw TooLong(ids.Count);
    }

    /// <summary>Checks whether a conversation can be encoded, without processing pixels.</summary>
    /// <inheritdoc cref="Encode"/>
    public void Check(TrainingSample sample)
    {
        (List<int> ids, _, List<bool> drawn) = Tokenize(sample);
        int merge = files.LanguageModel.Vision.SpatialMergeSize, side = files.LanguageModel.Vision.EmbeddingSide;
        long length = ids.Count - drawn.Count + sample.Images.Zip(drawn).Sum(pair =>
            pair.Second ? files.Configuration.ImageTokens
            : sourceGrid?.Tokens(merge) ?? Bounded(pair.First) / ((long)side * side));
        if (length > maxLength)
        {
            throw TooLong(length);
        }
    }

    private long Bounded(RgbImage picture)
    {
        (int width, int height) = SmartResize.Fit(
            picture.Width, picture.Height, files.Configuration.Defaults.MaxPixels,
            factor: files.LanguageModel.Vision.EmbeddingSide);
        return (long)width * height;
    }

    private TrainingException TooLong(long length) => new($"has {length} tokens, more than {maxLength}");

    // Each segment is tokenized separately, as the template does: the content of the assistant is never merged into one token
    // with the text before it.
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
            throw new TrainingException("does not end with a turn of the assistant, so it contains nothing to learn");
        }

        string before = messages[0].Role == ChatMessage.SystemRole
            ? ""
            : Turn(ChatMessage.SystemRole, ChatTemplate.DefaultSystemPrompt);
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
            Add(WithImages(message.Content) + SpecialTokens.TurnEnd, learned: true);
            before = "\n";
        }

        if (drawn.Count != sample.Images.Count)
        {
            throw new TrainingException(
                $"has {sample.Images.Count} images but {drawn.Count} {TrainingRecord.ImageMark} marks");
        }

        // As in ms-swift, other special tokens in a text are tokens too; but this one stands for an image, and there is none.
        return ids.Count(id => id == _imageToken) == drawn.Count
            ? (ids, labels, drawn)
            : throw new TrainingException(
                $"has {SpecialTokens.ImagePad} in a text, the token of an image; write {TrainingRecord.ImageMark} for an image, "
                + "or other words");
    }

    private static string Turn(string role, string content) =>
        $"{SpecialTokens.TurnStart}{role}\n{WithImages(content)}{SpecialTokens.TurnEnd}\n";

    private static string WithImages(string content) =>
        content.Replace(TrainingRecord.ImageMark, SpecialTokens.Image, StringComparison.Ordinal);

    private RgbImage Fit(RgbImage picture, bool drawn)
    {
        if (!drawn && sourceGrid is null)
        {
            return ImageFitting.BoundImage(
                picture, files.Configuration.Defaults.MaxPixels, files.LanguageModel.Vision.EmbeddingSide);
        }

        GridThw grid = drawn ? files.Configuration.Grids.Drawn : sourceGrid!.Value;
        int patch = files.LanguageModel.Vision.PatchSize;
        return Resampler.Resize(picture, (int)grid.W * patch, (int)grid.H * patch, ResampleFilter.Bicubic);
    }
}
