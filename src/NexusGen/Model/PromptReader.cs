using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>Turns templated text and pictures into what the language model reads.</summary>
/// <param name="files">The model's configurations, tokenizer and image processor.</param>
public sealed class PromptReader(ModelFiles files)
{
    /// <summary>Reads a prompt.</summary>
    /// <param name="text">The whole templated text, with one image token for each picture.</param>
    /// <param name="pictures">The pictures, in order.</param>
    /// <param name="eye">The vision encoder; needed where a picture is to be read.</param>
    /// <param name="imagePrefill">The learned inputs of a drawn picture; needed where there is one.</param>
    /// <exception cref="NexusGenException">The text has another number of image tokens, or a picture can't be read.</exception>
    public ReplyPrompt Read(string text, IReadOnlyList<PromptPicture> pictures, VisionEncoder? eye, Tensor? imagePrefill = null)
    {
        using var scope = NewDisposeScope();
        List<GridThw> grids = [];
        List<Tensor> embeddings = [];
        foreach (PromptPicture picture in pictures)
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
        return new ReplyPrompt(ids, all, grids);
    }

    /// <summary>The embeddings of a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="eye">The vision encoder.</param>
    /// <param name="resize">Whether the image processor may resize it; as its settings say where null.</param>
    /// <returns>[embeddings, width], and the grid in patches.</returns>
    public (Tensor Embeddings, GridThw Grid) Look(RgbImage image, VisionEncoder eye, bool? resize = false)
    {
        using ProcessedImages processed = files.ImageProcessor.Process(image, resize);
        return (eye.Forward(processed.PixelValues, processed.Grids), processed.Grids[0]);
    }

    /// <summary>The size in pixels of a picture whose embeddings fill a grid.</summary>
    /// <param name="grid">The grid in patches.</param>
    public (int Width, int Height) SizeOf(GridThw grid) =>
        ((int)grid.W * files.LanguageModel.Vision.PatchSize, (int)grid.H * files.LanguageModel.Vision.PatchSize);
}
