using NexusGen.Training.Configuration;

namespace NexusGen.Training.Pretraining;

/// <summary>How an autoencoder is trained from nothing.</summary>
public sealed record AutoencoderTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>Width of the pictures that are trained on; others are scaled to cover it and cropped.</summary>
    public int Width { get; init; } = 112;

    /// <summary>Height of the pictures that are trained on.</summary>
    public int Height { get; init; } = 112;

    /// <summary>Weight of the pixels' squared error.</summary>
    public double MseWeight { get; init; } = 4;

    /// <summary>Weight of the pixels' absolute error.</summary>
    public double AbsoluteWeight { get; init; } = 1;

    /// <summary>Weight of the absolute error of the differences between neighbouring pixels: sharp edges.</summary>
    public double GradientWeight { get; init; } = 1;

    /// <summary>
    /// Weight of the squared error between latents and the principal components of the pictures' blocks, each with deviation 1: a
    /// guide that gives the latents their scale and a place for everything. 0 for none.
    /// </summary>
    public double GuideWeight { get; init; } = 1;

    /// <summary>How many pictures the principal components are computed from.</summary>
    public int GuidePictures { get; init; } = 256;

    /// <summary>Weight of the divergence between the posterior and the standard normal distribution, without sampling.</summary>
    public double DivergenceWeight { get; init; }

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(new[] { MseWeight, AbsoluteWeight, GradientWeight, GuideWeight, DivergenceWeight }.Any(weight => !(weight >= 0)), "weights must be 0 or more"),
        .. Rule(GuidePictures < 1, "guide_pictures must be at least 1"),
    ];
}
