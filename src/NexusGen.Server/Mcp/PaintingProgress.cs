using ModelContextProtocol;
using NexusGen.Requests;

namespace NexusGen.Server.Mcp;

/// <summary>
/// How far a call is, over all that it paints: the protocol wants numbers that only rise, while steps begin anew with each picture
/// of the reply, and with each batch where more are wanted than fit in one.
/// </summary>
internal sealed class PaintingProgress
{
    private int _pictures;

    /// <summary>What to tell after a piece of the reply; null for nothing new.</summary>
    /// <param name="update">The piece.</param>
    public ProgressNotificationValue? After(ReplyUpdate update)
    {
        // All of them are begun before the first is painted.
        _pictures += update is ReplyUpdate.DrawingStarted ? 1 : 0;
        return update is ReplyUpdate.Denoising step
            ? new ProgressNotificationValue
            {
                Progress = (((step.Index * step.Batches) + step.Batch) * step.Steps) + step.Step,
                Total = Math.Max(_pictures, step.Index + 1) * step.Batches * step.Steps,
                Message = (step.Batches > 1 ? $"batch {step.Batch + 1} of {step.Batches}, " : "") + $"step {step.Step} of {step.Steps}",
            }
            : null;
    }
}
