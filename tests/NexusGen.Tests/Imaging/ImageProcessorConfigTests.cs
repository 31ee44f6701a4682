using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ImageProcessorConfigTests
{
    [Fact]
    public void ReadsTheOfficialFile()
    {
        string folder = Path.Combine(ReferenceFolder.Path, "models", "tiny", "Nexus-GenV2");
        ImageProcessorConfig config = ImageProcessorConfig.Load(folder);
        Assert.Equal((3136, 12_845_056), (config.MinPixels, config.MaxPixels));
        Assert.Equal((14, 2, 2), (config.PatchSize, config.TemporalPatchSize, config.MergeSize));
        Assert.Equal([0.48145466, 0.4578275, 0.40821073], config.ImageMean);
        Assert.Equal(1176, config.PatchLength);
        Assert.Equal(ResampleFilter.Bicubic, config.Resample);
    }

    [Fact]
    public void LeftOutValuesHaveDefaultsAndSizeStandsIn()
    {
        ImageProcessorConfig config = Load(
            """{"size":{"shortest_edge":784,"longest_edge":50176},"image_std":0.5,"resample":2,"image_mean":null}""");
        Assert.Equal((784, 50_176), (config.MinPixels, config.MaxPixels));
        Assert.Equal([0.5, 0.5, 0.5], config.ImageStd);
        Assert.Equal(ResampleFilter.Bilinear, config.Resample);
        Assert.Equal(0.48145466, config.ImageMean[0]);
        Assert.Equal(1_003_520, Load("{}").MaxPixels);
    }

    [Theory]
    [InlineData("""{"patch_size":0}""", "patch_size is 0")]
    [InlineData("""{"image_std":[0.2,0.2]}""", "image_std")]
    [InlineData("""{"image_std":[0.2,0,0.2]}""", "image_std")]
    [InlineData("""{"resample":1}""", "resample is 1")]
    [InlineData("""{"min_pixels":100,"max_pixels":10}""", "max_pixels is 10")]
    [InlineData("""{"merge_size":"two"}""", "not a valid configuration")]
    [InlineData("""{"merge_size":2.5}""", "not a valid configuration")]
    [InlineData("[1]", "not a valid configuration")]
    [InlineData("{", "not a valid configuration")]
    public void UnusableFilesAreNamed(string json, string reason)
    {
        var error = Assert.Throws<ImagingException>(() => Load(json));
        Assert.Contains(ImageProcessorConfig.FileName, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ImagingException>(() => ImageProcessorConfig.Load(folder.Path));
        Assert.Contains(ImageProcessorConfig.FileName, error.Message, StringComparison.Ordinal);
    }

    private static ImageProcessorConfig Load(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[ImageProcessorConfig.FileName], json);
        return ImageProcessorConfig.Load(folder.Path);
    }
}
