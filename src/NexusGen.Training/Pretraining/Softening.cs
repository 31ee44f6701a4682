using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Training.Pretraining;

/// <summary>Softens images by a Gaussian filter.</summary>
internal static class Softening
{
    // Beyond four deviations there are less than 0.01 % of the weight.
    private const int Reach = 4;

    /// <summary>Softens images. The edge pixels continue beyond the edges.</summary>
    /// <param name="pictures">[batch, 3, height, width], float32.</param>
    /// <param name="deviation">The standard deviation of the filter in pixels, or 0 for none.</param>
    /// <returns>The softened images, or the images themselves.</returns>
    public static Tensor Apply(Tensor pictures, double deviation)
    {
        if (deviation == 0)
        {
            return pictures;
        }

        using var scope = NewDisposeScope();
        int radius = Math.Max(1, (int)Math.Ceiling(Reach * deviation));
        long channels = pictures.shape[1], width = (2 * radius) + 1;
        float[] weights =
            [.. Enumerable.Range(-radius, (int)width).Select(x => (float)Math.Exp(-x * x / (2 * deviation * deviation)))];
        Tensor row = (tensor(weights) / Scalars.Of(weights.Sum())).to(pictures.device);
        Tensor padded = nn.functional.pad(pictures, [radius, radius, radius, radius], TorchSharp.PaddingModes.Replicate);
        Tensor down = nn.functional.conv2d(padded, row.view(1, 1, width, 1).expand(channels, 1, width, 1), groups: channels);
        return nn.functional.conv2d(down, row.view(1, 1, 1, width).expand(channels, 1, 1, width), groups: channels)
            .MoveToOuterDisposeScope();
    }
}
