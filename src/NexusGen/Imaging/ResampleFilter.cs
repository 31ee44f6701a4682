namespace NexusGen.Imaging;

/// <summary>The filters of <see cref="Resampler"/>, with the numbers of Pillow, which preprocessor_config.json uses.</summary>
public enum ResampleFilter
{
    /// <summary>A triangle filter with a support of one pixel on each side.</summary>
    Bilinear = 2,

    /// <summary>The cubic convolution with a = −0.5 and a support of two pixels on each side.</summary>
    Bicubic = 3,
}
