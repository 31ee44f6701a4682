using NexusGen.Imaging;
using NexusGen.Training.Pretraining;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>What embeddings must keep telling of pixels.</summary>
public sealed class VisionAnchorTests
{
    [Theory]
    [InlineData(14)]
    [InlineData(28)]
    public void PiecesAreThoseOfThePictureInTheOrderOfEmbeddings(int side)
    {
        using var scope = NewDisposeScope();
        RgbImage picture = Resampler.Resize(ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "cat.png")), 112, 84, ResampleFilter.Bicubic);
        var processor = new ImageProcessor(new ImageProcessorConfig());
        using ProcessedImages processed = processor.Process([picture, picture], resize: false);
        using var head = new VisionHead(new WeightSource(new RandomWeights(1), LoadOptions.Reference)["vision_head"], 8, 16, 3L * side * side, 12);
        using var anchor = new VisionAnchor(head, processor.Config, side);
        Tensor pixels = ImageTensor.FromImage(picture);
        Tensor small = side == 28 ? pixels : nn.functional.avg_pool2d(pixels, 2, 2);
        Tensor expected = nn.functional.unfold(small, side, 1, 0, side).transpose(1, 2)[0];
        Tensor pieces = anchor.Pieces(processed.PixelValues);
        Assert.Equal([24L, 3L * side * side], pieces.shape);
        Assert.True(allclose(pieces.narrow(0, 12, 12), expected, 1e-4, 1e-5));

        Tensor embeddings = randn(24, 8), made = head.Forward(embeddings).Pieces;
        Assert.Equal((made - pieces).square().mean().item<float>(), anchor.Error(processed.PixelValues, embeddings).item<float>(), 5);
    }
}
