using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>
/// What the language model predicts when the answer is given: the data that the editing decoder is trained on
/// (<c>prepare_embeddataset_for_edit.py</c> of the official repository).
/// </summary>
/// <param name="files">The model's files.</param>
/// <param name="model">The language model.</param>
/// <param name="eye">The vision encoder.</param>
public sealed class TeacherForcing(ModelFiles files, LanguageModel model, VisionEncoder eye)
{
    private readonly PromptReader _reader = new(files);

    /// <summary>The source's embeddings and the prediction of the edited picture's, for one record of an edit.</summary>
    /// <param name="messages">The turns, role and text; <c>&lt;image&gt;</c> where a picture stands. The last turn is the assistant's and draws.</param>
    /// <param name="images">The pictures in order. The assistant's is not looked at: it is what is predicted.</param>
    /// <returns>[source embeddings, width] and [drawn embeddings, width].</returns>
    /// <exception cref="NexusGenException">The record is not an edit.</exception>
    public (Tensor Source, Tensor Target) PredictEdit(IReadOnlyList<(string Role, string Content)> messages, IReadOnlyList<RgbImage> images)
    {
        using var scope = NewDisposeScope();
        int read = messages.Where(message => message.Role != "assistant").Sum(message => Marks(message.Content));
        int drawn = messages.Sum(message => Marks(message.Content)) - read;
        if (messages.Count == 0 || messages[^1].Role != "assistant" || drawn != 1 || read < 1 || images.Count != read + drawn)
        {
            throw new NexusGenException($"A record of an edit has a source picture in the user's turn and one in the assistant's, but this one has {read} and {drawn}.");
        }

        // The sources at the size that the editing decoder sees them in, and the language model too.
        (int width, int height) = _reader.SizeOf(files.Configuration.Grids.Source);
        List<Tensor> looked = [];
        List<GridThw> grids = [];
        foreach (RgbImage image in images.Take(read))
        {
            (Tensor vectors, GridThw grid) = _reader.Look(Resampler.Resize(image, width, height, ResampleFilter.Bicubic), eye);
            looked.Add(vectors);
            grids.Add(grid);
        }

        grids.Add(files.Configuration.Grids.Drawn);
        ChatMessage[] chat = [.. messages.Select(message => new ChatMessage(message.Role, Prompts.ParseImageTags(message.Content)))];
        string text = ChatTemplate.Render(chat, addGenerationPrompt: false);
        LanguageModelConfiguration c = files.LanguageModel;
        int[] ids = ImagePlaceholders.Expand(
            files.Tokenizer.Encode(text), c.ImageTokenId, [.. grids.Select(grid => (int)grid.Tokens(c.Vision.SpatialMergeSize))]);
        Tensor states = Run(ids, grids, [.. looked, model.ImagePrefill]);
        int begin = Array.LastIndexOf(ids, c.VisionStartTokenId);
        Tensor target = model.ImageEmbeddings(states.select(0, 0).narrow(0, begin, c.ImageTokens));
        return (looked[^1].MoveToOuterDisposeScope(), target.MoveToOuterDisposeScope());
    }

    private static int Marks(string text) => text.Split(SpecialTokens.ImageTag).Length - 1;

    private Tensor Run(int[] ids, IReadOnlyList<GridThw> grids, IReadOnlyList<Tensor> pictures)
    {
        LanguageModelConfiguration c = files.LanguageModel;
        Device device = model.Placement.Device;
        Tensor embedded = model.Embed(tensor(ids.Select(id => (long)id).ToArray()).to(device));
        List<(int Start, GridThw Grid)> places = RopeIndex.FindPictures(ids, grids, c.ImageTokenId, c.Vision.SpatialMergeSize);
        for (int i = 0; i < places.Count; i++)
        {
            embedded.narrow(0, places[i].Start, pictures[i].shape[0]).copy_(pictures[i]);
        }

        (long[][] axes, _) = RopeIndex.Of(ids.Length, places, c.Vision.SpatialMergeSize);
        Tensor positions = stack([.. axes.Select(axis => tensor(axis))], 0).unsqueeze(1);
        return model.Forward(embedded.unsqueeze(0), positions);
    }
}
