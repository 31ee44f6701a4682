using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A piece of a reply as it comes.</summary>
public abstract record ReplyUpdate
{
    private ReplyUpdate()
    {
    }

    /// <summary>More text, without special tokens.</summary>
    /// <param name="Text">The text; whole characters.</param>
    public sealed record TextDelta(string Text) : ReplyUpdate;

    /// <summary>The model has begun to draw at this place of the reply.</summary>
    /// <param name="Index">Which picture of the reply it is, from 0.</param>
    public sealed record DrawingStarted(int Index) : ReplyUpdate;

    /// <summary>A picture on its way.</summary>
    /// <param name="Index">Which picture of the reply it is, from 0.</param>
    /// <param name="Step">Denoising steps done.</param>
    /// <param name="Steps">Denoising steps in all.</param>
    public sealed record Denoising(int Index, int Step, int Steps) : ReplyUpdate
    {
        /// <summary>Of pictures of the same embeddings that are more than fit in one batch: which batch is painted, from 0. Each takes all the steps.</summary>
        public int Batch { get; init; }

        /// <summary>How many such batches there are.</summary>
        public int Batches { get; init; } = 1;
    }

    /// <summary>What a picture on its way will look like, as far as can be told; see <see cref="PictureSettings.PreviewEvery"/>.</summary>
    /// <param name="Index">Which picture of the reply it is, from 0.</param>
    /// <param name="Step">Denoising steps done.</param>
    /// <param name="Image">The picture: of several that are made of the same embeddings, the first.</param>
    public sealed record Preview(int Index, int Step, RgbImage Image) : ReplyUpdate;

    /// <summary>A finished picture.</summary>
    /// <param name="Picture">The picture.</param>
    public sealed record PictureFinished(DrawnPicture Picture) : ReplyUpdate;

    /// <summary>The end, with all of the reply.</summary>
    /// <param name="Reply">The reply.</param>
    public sealed record Finished(Reply Reply) : ReplyUpdate;
}
