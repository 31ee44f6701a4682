using ModelContextProtocol;
using NexusGen.Requests;

namespace NexusGen.Server.Mcp;

/// <summary>
/// The progress of a call over all its images. The protocol requires numbers that only rise, but steps start again with each
/// image of the reply, and with each batch if more images are requested than fit in one.
/// </summary>
internal sealed class GenerationProgress
{
    private int _images;

    /// <summary>Returns the progress after an update, or null if there is none.</summary>
    /// <param name="update">The update.</param>
    public ProgressNotificationValue? After(ReplyUpdate update)
    {
        // All images are started before the first one is denoised.
        _images += update is ReplyUpdate.ImageStarted ? 1 : 0;
        if (update is not ReplyUpdate.Denoising step)
        {
            return null;
        }

        string batch = step.Batches > 1 ? $"batch {step.Batch + 1} of {step.Batches}, " : "";
        return new ProgressNotificationValue
        {
            Progress = (((step.Index * step.Batches) + step.Batch) * step.Steps) + step.Step,
            Total = Math.Max(_images, step.Index + 1) * step.Batches * step.Steps,
            Message = $"{batch}step {step.Step} of {step.Steps}",
        };
    }
}
