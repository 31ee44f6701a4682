using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>Converts templated text and images to the inputs of the language model.</summary>
/// <param name="files">The configurations, tokenizer and image processor of the model.</param>
public sealed class PromptProcessor(ModelFiles files)
{
    /// <summary>Tokenizes a prompt and encodes its images.</summary>
    /// <param name="text">The templated text, with one image token for each image.</param>
    /// <param name="pictures">The images in order.</param>
    /// <param name="eye">The vision encoder, required if there is an input image.</param>
    /// <param name="imagePrefill">The learned inputs of a generated image, required if there is one.</param>
    /// <exception cref="NexusGenException">
    /// The number of image tokens differs from the number of images, or an image can't be processed.
    /// </exception>
    public TokenizedPrompt Read(string text, IReadOnlyList<PromptImage> pictures, VisionEncoder? eye, Tensor? imagePrefill = null)
    {
        using var scope = NewDisposeScope();
        List<GridThw> grids = [];
        List<Tensor> embeddings = [];
        foreach (PromptImage picture in pictures)
        {
            (Tensor vectors, GridThw grid) = picture.Image is { } image
                ? Look(image, eye ?? throw new ArgumentNullException(nameof(eye)), resize: null)
                : (imagePrefill ?? throw new ArgumentNullException(nameof(imagePrefill)), files.Configuration.Grids.Drawn);
            grids.Add(grid);
            embeddings.Add(vectors);
        }

        int merge = files.LanguageModel.Vision.SpatialMergeSize;
        int[] ids = ImagePlaceholders.Expand(
            files.Tokenizer.Encode(text), files.LanguageModel.ImageTokenId, [.. grids.Select(grid => (int)grid.Tokens(merge))]);
        Tensor? all = embeddings.Count == 0 ? null : cat(embeddings, 0).MoveToOuterDisposeScope();
        return new TokenizedPrompt(ids, all, grids);
    }

    /// <summary>Computes the embeddings of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="eye">The vision encoder.</param>
    /// <param name="resize">Whether to resize the image, or null for the value in the settings of the image processor.</param>
    /// <returns>[embeddings, width], and the grid in patches.</returns>
    public (Tensor Embeddings, GridThw Grid) Look(RgbImage image, VisionEncoder eye, bool? resize = false)
    {
        using ProcessedImages processed = files.ImageProcessor.Process(image, resize);
        return (eye.Forward(processed.PixelValues, processed.Grids), processed.Grids[0]);
    }

    /// <summary>Returns the size in pixels of an image whose embeddings fill a grid.</summary>
    /// <param name="grid">The grid in patches.</param>
    public (int Width, int Height) SizeOf(GridThw grid) =>
        ((int)grid.W * files.LanguageModel.Vision.PatchSize, (int)grid.H * files.LanguageModel.Vision.PatchSize);
}
