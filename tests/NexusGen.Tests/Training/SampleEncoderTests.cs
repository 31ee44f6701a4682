using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Encoding of conversations into tokens and labels, beyond the reference cases.</summary>
public sealed class SampleEncoderTests : IDisposable
{
    private readonly ModelFiles _files = new(ModelPaths.Find(Path.Combine(ReferenceFolder.Path, "models", "tiny")));

    public void Dispose() => _files.Dispose();

    [Fact]
    public void TheLossIsOnTheAssistantsWordsPicturesAndEndsOfTurns()
    {
        RgbImage picture = ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "small.png"));
        var sample = new TrainingSample(
            [new("user", "Draw <image>."), new("assistant", "Yes: <image>"), new("user", "Thanks"), new("assistant", "Bye")],
            [picture, picture]);
        using EncodedSample encoded = new SampleEncoder(_files).Encode(sample);
        string learned = _files.Tokenizer.Decode([.. encoded.Labels.Where(label => label != EncodedSample.NoLoss)]);
        Assert.Equal(
            "Yes: <|vision_start|>" + string.Concat(Enumerable.Repeat("<|image_pad|>", 81))
                + "<|vision_end|><|im_end|>Bye<|im_end|>",
            learned);
        Assert.All(
            encoded.Ids.Zip(encoded.Labels),
            pair => Assert.True(pair.Second == EncodedSample.NoLoss || pair.First == pair.Second));
        Assert.Equal(2, encoded.Grids.Count);
    }

    [Fact]
    public void APictureThatIsShownAgainIsEncodedOnce()
    {
        RgbImage picture = ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "small.png"));
        RgbImage other = Resampler.Resize(picture, picture.Width + 56, picture.Height);
        var sample = new TrainingSample(
            [new("user", "<image>A<image>"), new("assistant", "B"), new("user", "<image>C"), new("assistant", "D")],
            [picture, other, Resampler.Resize(picture, picture.Width, picture.Height)]);
        using EncodedSample encoded = new SampleEncoder(_files).Encode(sample);
        Assert.Equal([0, 1, 0], encoded.Pictures);
        Assert.Equal(3, encoded.Grids.Count);
        Assert.Equal(encoded.Grids.Take(2), encoded.PictureGrids);
        Assert.Equal(encoded.Grids.Take(2).Sum(grid => grid.Patches), encoded.PixelValues!.shape[0]);
        using Tensor all = encoded.ImagePixels()!;
        using ProcessedImages official = _files.ImageProcessor.Process(
            [.. sample.Images.Select(image => ImageFitting.BoundImage(image, _files.Configuration.Defaults.MaxPixels))],
            resize: false);
        Assert.True(all.equal(official.PixelValues).all().item<bool>());
    }

    [Fact]
    public void WhatCannotBeLearnedIsRefused()
    {
        var encoder = new SampleEncoder(_files, maxLength: 60);
        RgbImage picture = ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", "small.png"));
        Refused(new([new("user", "Hello")], []), "does not end with a turn of the assistant");
        Refused(new([new("user", "<image>"), new("assistant", "A")], []), "0 images but 1 <image> marks");
        Refused(new([new("user", "A"), new("assistant", "<image>")], [picture]), "tokens, more than 60");
        void Refused(TrainingSample sample, string said)
        {
            Assert.Contains(said, Assert.Throws<TrainingException>(() => encoder.Check(sample)).Message);
            Assert.Contains(said, Assert.Throws<TrainingException>(() => encoder.Encode(sample)).Message);
        }
    }
}
