using System.Text.Json;
using NexusGen.Imaging;
using TorchSharp;

namespace NexusGen.Tests.Imaging;

public class ImageProcessorTests
{
    public static TheoryData<string> Cases => ReferenceCase.All("image-processor");

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheReference(string name)
    {
        var reference = new ReferenceCase("image-processor", name);
        string model = ReferenceCase.Shared(reference.Json.GetProperty("model"));
        ImageProcessor processor = ImageProcessor.Load(Path.Combine(model, "Nexus-GenV2"));
        IReadOnlyList<RgbImage> images = Inputs(reference);
        bool? resize = reference.Input.TryGetProperty("do_resize", out JsonElement flag) ? flag.GetBoolean() : null;

        using ProcessedImages processed = processor.Process(images, resize);

        using torch.Tensor grid = processed.GridTensor();
        Assert.Equal(reference.Tensor<long>("expected.image_grid_thw"), grid.data<long>().ToArray());
        double relative = reference.Json.GetProperty("tolerance").GetProperty("relative").GetDouble();
        if (reference.HasTensor("expected.pixel_values"))
        {
            AssertNear(reference.Tensor<float>("expected.pixel_values"), processed.PixelValues.data<float>().ToArray(), relative);
        }

        if (reference.HasTensor("expected.pixel_values_mean"))
        {
            using torch.Tensor mean = processed.PixelValues.mean(), deviation = processed.PixelValues.std();
            AssertNear(
                reference.Tensor<float>("expected.pixel_values_mean"), [mean.item<float>(), deviation.item<float>()], relative);
        }
    }

    [Fact]
    public void BlocksOfPatchesStandTogether()
    {
        // The red value of each pixel of a 56×56 image is the index of its patch among the 4×4 patches.
        RgbImage image = Pictures.Of(56, 56, (x, y) => ((y / 14 * 4) + (x / 14), 0, 0));
        var processor = new ImageProcessor(new() { DoRescale = false, DoNormalize = false });

        using ProcessedImages processed = processor.Process(image, resize: false);

        Assert.Equal([new GridThw(1, 4, 4)], processed.Grids);
        Assert.Equal([16, 1176], processed.PixelValues.shape);
        float[] first = [.. Enumerable.Range(0, 16).Select(row => processed.PixelValues[row, 0].item<float>())];
        Assert.Equal([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15], first);
    }

    [Fact]
    public void APatchIsColourThenFrameThenRows()
    {
        RgbImage image = Pictures.Of(28, 28, (x, y) => (x, y, 200));
        var processor = new ImageProcessor(new() { DoRescale = false, DoNormalize = false });

        using ProcessedImages processed = processor.Process(image, resize: false);

        float[] patch = processed.PixelValues[3].data<float>().ToArray();
        Assert.Equal(14 + 5, patch[(2 * 14) + 5]);
        Assert.Equal(14 + 5, patch[196 + (2 * 14) + 5]);
        Assert.Equal(14 + 2, patch[392 + (2 * 14) + 5]);
        Assert.Equal(200, patch[784]);
        Assert.Equal(200, patch[1175]);
    }

    [Fact]
    public void ResizesOnlyWhereAsked()
    {
        RgbImage image = Pictures.Noise(100, 60);
        var processor = new ImageProcessor(new());
        using ProcessedImages resized = processor.Process(image);
        Assert.Equal([new GridThw(1, 4, 8)], resized.Grids);
        Assert.Equal((112, 56), processor.SizeOf(image));
        var error = Assert.Throws<ImagingException>(() => processor.Process(image, resize: false));
        Assert.Contains("multiples of 28", error.Message, StringComparison.Ordinal);
        Assert.Throws<ImagingException>(() => new ImageProcessor(new() { DoResize = false }).Process(image));
    }

    [Fact]
    public void NothingIsRefused() => Assert.Throws<ImagingException>(() => new ImageProcessor(new()).Process([]));

    [Fact]
    public void GridsCountPatchesAndTokens()
    {
        var grid = new GridThw(1, 36, 36);
        Assert.Equal(1296, grid.Patches);
        Assert.Equal(324, grid.Tokens());
        Assert.Equal("[1, 36, 36]", grid.ToString());
    }

    private static RgbImage[] Inputs(ReferenceCase reference)
    {
        if (reference.Input.TryGetProperty("image", out JsonElement path))
        {
            RgbImage bounded = ImageFitting.BoundImage(
                ReferenceCase.Image(path), reference.Input.GetProperty("max_pixels").GetInt64());
            JsonElement size = reference.Expected.GetProperty("bounded_size");
            Assert.Equal((size[0].GetInt32(), size[1].GetInt32()), (bounded.Width, bounded.Height));
            if (reference.Expected.TryGetProperty("bounded", out _))
            {
                reference.AssertPicture(reference.ExpectedPicture("bounded"), bounded);
            }

            return [bounded];
        }

        IEnumerable<JsonElement> paths = reference.Input.GetProperty("images").EnumerateArray();
        return [.. paths.Zip(reference.Input.GetProperty("sizes").EnumerateArray(), Scaled)];
    }

    private static RgbImage Scaled(JsonElement path, JsonElement size) => size.ValueKind == JsonValueKind.Null
        ? ReferenceCase.Image(path)
        : Resampler.Resize(ReferenceCase.Image(path), size[0].GetInt32(), size[1].GetInt32(), ResampleFilter.Bilinear);

    private static void AssertNear(float[] expected, float[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        double most = expected.Max(value => Math.Abs((double)value));
        double worst = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.InRange(worst, 0, relative * most);
    }
}
