using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Imaging;

public class ImageTensorTests
{
    [Fact]
    public void PixelsBecomeMinusOneToOne()
    {
        RgbImage image = RgbImage.FromBytes([0, 255, 51, 10, 20, 30], 2, 1);
        using Tensor tensor = ImageTensor.FromImage(image);
        Assert.Equal([1, 3, 1, 2], tensor.shape);
        float[] expected = [-1, (10 / 127.5f) - 1, 1, (20 / 127.5f) - 1, -0.6f, (30 / 127.5f) - 1];
        Assert.All(tensor.data<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Fact]
    public void NumbersAreClippedAndCutOff()
    {
        // 0.4 is 178.5 as a pixel value and is truncated, not rounded.
        using Tensor values = tensor(
            [-7f, -1f, 0f, 0.4f, 1f, 7f, float.NaN, float.NegativeInfinity, float.PositiveInfinity], 3, 1, 3);
        RgbImage image = ImageTensor.ToImage(values);
        Assert.Equal((0, 178, 0), image[0, 0]);
        Assert.Equal((0, 255, 0), image[1, 0]);
        Assert.Equal((127, 255, 255), image[2, 0]);
    }

    [Fact]
    public void OtherTypesLayoutsAndABatchOfOneAreTaken()
    {
        RgbImage image = Pictures.Noise(5, 4);
        using Tensor flat = ImageTensor.FromImage(image);
        using Tensor shifted = flat + (1 / 255f); // half a pixel value up, so truncation restores the original values
        using Tensor turned = shifted.permute(0, 1, 3, 2).contiguous().permute(0, 1, 3, 2);
        Assert.Equal(image, ImageTensor.ToImage(shifted));
        Assert.Equal(image, ImageTensor.ToImage(turned));
        Assert.Equal(image, ImageTensor.ToImage(shifted[0]));
        using Tensor narrow = zeros(3, 2, 2, dtype: bfloat16);
        Assert.Equal((127, 127, 127), ImageTensor.ToImage(narrow)[1, 1]);
    }

    [Fact]
    public void OtherShapesAreRefused()
    {
        using Tensor two = zeros(2, 3, 4, 4), four = zeros(4, 4, 4);
        var error = Assert.Throws<ImagingException>(() => ImageTensor.ToImage(two));
        Assert.Contains("[2, 3, 4, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ImagingException>(() => ImageTensor.ToImage(four));
    }
}
