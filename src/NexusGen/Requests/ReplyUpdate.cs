using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>An update of a reply that is streamed.</summary>
public abstract record ReplyUpdate
{
    private ReplyUpdate()
    {
    }

    /// <summary>More text, without special tokens.</summary>
    /// <param name="Text">The text, which consists of complete characters.</param>
    public sealed record TextDelta(string Text) : ReplyUpdate;

    /// <summary>
    /// The language model has predicted the embeddings of an image at this position of the reply. They are decoded after the text
    /// is complete.
    /// </summary>
    /// <param name="Index">The index of the image in the reply, from 0.</param>
    public sealed record ImageStarted(int Index) : ReplyUpdate;

    /// <summary>A denoising step of an image.</summary>
    /// <param name="Index">The index of the image in the reply, from 0.</param>
    /// <param name="Step">The number of completed denoising steps.</param>
    /// <param name="Steps">The number of all denoising steps.</param>
    public sealed record Denoising(int Index, int Step, int Steps) : ReplyUpdate
    {
        /// <summary>
        /// Gets the index of the batch that is denoised, from 0. There are several if the images of the same embeddings do not
        /// fit into one batch; each takes all steps.
        /// </summary>
        public int Batch { get; init; }

        /// <summary>Gets the number of batches.</summary>
        public int Batches { get; init; } = 1;
    }

    /// <summary>An estimate of the image that is being denoised, see <see cref="ImageSettings.PreviewEvery"/>.</summary>
    /// <param name="Index">The index of the image in the reply, from 0.</param>
    /// <param name="Step">The number of completed denoising steps.</param>
    /// <param name="Image">
    /// The preview. If several images are decoded from the same embeddings, it shows the first of the batch.
    /// </param>
    public sealed record Preview(int Index, int Step, RgbImage Image) : ReplyUpdate;

    /// <summary>A finished image.</summary>
    /// <param name="Image">The image.</param>
    public sealed record ImageFinished(OutputImage Image) : ReplyUpdate;

    /// <summary>The end of the stream, with the complete reply.</summary>
    /// <param name="Reply">The reply.</param>
    public sealed record Finished(Reply Reply) : ReplyUpdate;
}
