using NexusGen.Training.Configuration;

namespace NexusGen.Training.Pretraining;

/// <summary>The configuration for training an autoencoder from random weights.</summary>
internal sealed record AutoencoderTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>The width of the training images; others are scaled to cover the size and cropped.</summary>
    public int Width { get; init; } = 112;

    /// <summary>The height of the training images.</summary>
    public int Height { get; init; } = 112;

    /// <summary>
    /// The side in pixels of the square that is cropped from each training image, at a random place; 0 to train on whole images.
    /// Convolutions learn as much from a step with small squares, at a fraction of the computation. A multiple of the factor by
    /// which the autoencoder downscales. Validation uses whole images.
    /// </summary>
    public int Crop { get; init; }

    /// <summary>
    /// The standard deviation in pixels of the filter that softens what the decoder learns; the encoder sees the images as they
    /// are. Edges are what a small autoencoder spends most of its capacity on and represents worst. 0 for none.
    /// </summary>
    public double Soften { get; init; }

    /// <summary>The weight of the squared error of the pixels.</summary>
    public double MseWeight { get; init; } = 4;

    /// <summary>The weight of the absolute error of the pixels.</summary>
    public double AbsoluteWeight { get; init; } = 1;

    /// <summary>The weight of the absolute error of the differences between adjacent pixels, for sharp edges.</summary>
    public double GradientWeight { get; init; } = 1;

    /// <summary>
    /// The weight of the squared error between the latents and the principal components of the images' blocks, scaled to a
    /// standard deviation of 1. It determines the scale of the latents and how information is distributed among them. 0 for none.
    /// </summary>
    public double GuideWeight { get; init; } = 1;

    /// <summary>The number of images that the principal components are computed from.</summary>
    public int GuidePictures { get; init; } = 256;

    /// <summary>
    /// The weight of the KL divergence of the posterior from the standard normal distribution, without sampling.
    /// </summary>
    public double DivergenceWeight { get; init; }

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(Crop < 0 || Crop > Math.Min(Width, Height), "crop must be between 0 and the shorter of width and height"),
        .. Rule(
            new[] { MseWeight, AbsoluteWeight, GradientWeight, GuideWeight, DivergenceWeight }.Any(weight => !(weight >= 0)),
            "weights must be 0 or more"),
        .. Rule(!(Soften is >= 0 and <= 10), "soften must be between 0 and 10"),
        .. Rule(GuidePictures < 1, "guide_pictures must be at least 1"),
    ];
}
