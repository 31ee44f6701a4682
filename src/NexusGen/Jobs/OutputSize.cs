using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Jobs;

/// <summary>
/// The size that an image is generated at, and the size that it is resized to. They differ if the model generates only certain
/// sizes (<see cref="NexusGenConfiguration.Sizes"/>) and another one is requested.
/// </summary>
/// <param name="Generated">The size that is generated.</param>
/// <param name="Final">The size of the result.</param>
/// <param name="Fit">How the one becomes the other.</param>
internal readonly record struct OutputSize(ImageSize Generated, PixelSize Final, SizeFit Fit)
{
    /// <summary>Gets whether the generated image is resized.</summary>
    public bool IsResized => Generated.Pixels != Final;

    /// <summary>Chooses the sizes for a request.</summary>
    /// <param name="settings">The settings of the request.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="defaults">The model's defaults for the task.</param>
    /// <exception cref="NexusGenException">
    /// A side is out of range, or the model does not generate the size and <see cref="SizeFit.Exact"/> is requested.
    /// </exception>
    public static OutputSize Of(ImageSettings settings, NexusGenConfiguration configuration, ImageDefaults defaults)
    {
        var asked = new PixelSize(settings.Width ?? defaults.Width, settings.Height ?? defaults.Height);
        var rounded = ImageSize.RoundedUp(asked.Width, asked.Height, 2 * configuration.Autoencoder.Downscale);
        if (configuration.Sizes.Count == 0)
        {
            return new OutputSize(rounded, rounded.Pixels, settings.Fit);
        }

        PixelSize nearest = configuration.Sizes.MinBy(size => Distance(size, asked));
        if (nearest != asked && settings.Fit == SizeFit.Exact)
        {
            throw new NexusGenException(
                $"The model does not generate images of {asked}, only of {string.Join(", ", configuration.Sizes)}; choose such a "
                + "size, or let the image be resized.");
        }

        return new OutputSize(new ImageSize(nearest.Width, nearest.Height), asked, settings.Fit);
    }

    /// <summary>Resizes a generated image.</summary>
    public RgbImage Apply(RgbImage generated) => (IsResized, Fit) switch
    {
        (false, _) => generated,
        (_, SizeFit.Cover) => ImageFitting.CoverCrop(generated, Final.Width, Final.Height),
        _ => ImageFitting.Contain(generated, Final.Width, Final.Height),
    };

    // The shape decides; of several sizes with the same shape, the number of pixels.
    private static (double Shape, double Pixels) Distance(PixelSize size, PixelSize asked) =>
        (Math.Round(Math.Abs(Math.Log((double)size.Width * asked.Height / ((double)size.Height * asked.Width))), 6),
            Math.Abs(Math.Log((double)size.Width * size.Height / ((double)asked.Width * asked.Height))));
}
