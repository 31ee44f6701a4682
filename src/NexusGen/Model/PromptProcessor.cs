using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>
/// Turns templated text and encoded images into the inputs of the language model, as <c>Qwen2_5_VLProcessor</c> of transformers
/// does.
/// </summary>
/// <param name="files">The model's configurations, tokenizer and image processor.</param>
/// <param name="parseSpecialTokens">
/// Whether special tokens in the texts of messages are tokens, see <see cref="NexusGenOptions.ParseSpecialTokens"/>.
/// </param>
internal sealed class PromptProcessor(ModelFiles files, bool parseSpecialTokens = false)
{
    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="encoder">The vision encoder.</param>
    /// <param name="resize">Whether the image processor may resize the image, or null for what its configuration says.</param>
    /// <returns>The embeddings and their grid; the caller owns them.</returns>
    public EncodedImage Encode(RgbImage image, VisionEncoder encoder, bool? resize = false)
    {
        using var scope = NewDisposeScope();
        using ProcessedImages processed = files.ImageProcessor.Process(image, resize);
        Tensor embeddings = encoder.Forward(processed.PixelValues, processed.Grids).DetachFromDisposeScope();
        return new EncodedImage(embeddings, processed.Grids[0]);
    }

    /// <summary>Encodes the source of an edit: resized to the grid that the editing decoder was trained with.</summary>
    /// <param name="source">The image to edit.</param>
    /// <param name="encoder">The vision encoder.</param>
    /// <returns>The embeddings and their grid; the caller owns them.</returns>
    public EncodedImage EncodeSource(RgbImage source, VisionEncoder encoder)
    {
        (int width, int height) = SizeOf(files.Configuration.Grids.Source);
        return Encode(Resampler.Resize(source, width, height, ResampleFilter.Bilinear), encoder);
    }

    /// <summary>Tokenizes a prompt and expands its image tokens.</summary>
    /// <param name="text">The prompt, rendered by the chat template, with one image token for each image.</param>
    /// <param name="images">
    /// The images in order: encoded, or null for one that the model generated in an earlier turn, whose inputs are the
    /// learned ones.
    /// </param>
    /// <param name="imagePrefill">The learned inputs of a generated image, [image tokens, width].</param>
    /// <returns>The prompt. Its embeddings belong to the current dispose scope.</returns>
    /// <exception cref="NexusGenException">The text has another number of image tokens.</exception>
    public TokenizedPrompt Tokenize(PromptText text, IReadOnlyList<EncodedImage?> images, Tensor imagePrefill)
    {
        GridThw[] grids = [.. images.Select(image => image?.Grid ?? files.Configuration.Grids.Drawn)];
        int merge = files.LanguageModel.Vision.SpatialMergeSize;
        int[] ids = ImagePlaceholders.Expand(
            files.Tokenizer.Encode(text, parseSpecialTokens),
            files.LanguageModel.ImageTokenId,
            [.. grids.Select(grid => (int)grid.Tokens(merge))]);
        Tensor[] embeddings = [.. images.Select(image => image?.Embeddings ?? imagePrefill)];
        return new TokenizedPrompt(ids, embeddings.Length == 0 ? null : cat(embeddings, 0), grids);
    }

    /// <summary>Counts the tokens of a prompt, without encoding its images.</summary>
    /// <param name="text">The prompt, rendered by the chat template, with one image token for each image.</param>
    /// <param name="images">
    /// The images in order, before they are fitted to the model, or null for one that the model generated in an earlier turn.
    /// </param>
    /// <param name="maxPixels">The largest number of pixels to which each image is reduced.</param>
    public int CountTokens(PromptText text, IReadOnlyList<RgbImage?> images, int maxPixels)
    {
        // Each image has one token in the text already.
        long count = files.Tokenizer.Encode(text, parseSpecialTokens).Length - images.Count;
        int side = files.LanguageModel.Vision.EmbeddingSide;
        foreach (RgbImage? image in images)
        {
            if (image is null)
            {
                count += files.Configuration.ImageTokens;
                continue;
            }

            (int width, int height) = SmartResize.Fit(image.Width, image.Height, maxPixels, factor: side);
            (width, height) = files.ImageProcessor.FittedSize(width, height);
            count += (long)width * height / ((long)side * side);
        }

        return (int)Math.Min(count, int.MaxValue);
    }

    /// <summary>The size of an image whose embeddings fill a grid.</summary>
    /// <param name="grid">The grid in patches.</param>
    /// <returns>Width and height in pixels.</returns>
    public (int Width, int Height) SizeOf(GridThw grid) =>
        ((int)grid.W * files.LanguageModel.Vision.PatchSize, (int)grid.H * files.LanguageModel.Vision.PatchSize);
}
