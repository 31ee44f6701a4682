namespace NexusGen.Imaging;

/// <summary>The kernels of <see cref="Resampler"/>, with Pillow's numbers, which preprocessor_config.json uses.</summary>
public enum ResampleFilter
{
    /// <summary>A triangle of one pixel to each side.</summary>
    Bilinear = 2,

    /// <summary>The cubic convolution with a = −0.5, two pixels to each side.</summary>
    Bicubic = 3,
}
