using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Cases of images: reading, resizing, and conversion to patches.</summary>
internal static class ImagingCases
{
    // The table of smart-resize is the same in every folder. A case whose expected results were removed does not contain it.
    private static readonly (int Height, int Width)[] Sizes =
    [
        (28, 28), (27, 29), (100, 100), (1000, 750), (512, 512), (513, 511), (3000, 40), (56, 5600), (14, 14), (1, 150),
        (4096, 4096), (300, 300), (42, 70), (98, 98), (20, 5000), (7000, 30),
    ];

    private static readonly long[] Bounds = [262_640, 12_845_056, 50_176];

    public static CaseOutput Read(ReferenceCase reference, ReferenceModels models) =>
        new CaseOutput().Add("image", reference.Image(reference.Value<string>("image")));

    public static CaseOutput Resize(ReferenceCase reference, ReferenceModels models)
    {
        ResampleFilter filter = Filter(reference.Value<string>("filter"));
        RgbImage image = reference.Image(reference.Value<string>("image"));
        return new CaseOutput().Add(
            "image", Resampler.Resize(image, reference.Value<int>("width"), reference.Value<int>("height"), filter));
    }

    public static CaseOutput CoverCrop(ReferenceCase reference, ReferenceModels models)
    {
        int side = reference.Value<int>("size");
        return new CaseOutput().Add(
            "image", ImageFitting.CoverCrop(reference.Image(reference.Value<string>("image")), side, side));
    }

    public static CaseOutput SmartResize(ReferenceCase reference, ReferenceModels models)
    {
        JsonArray? given = (reference.Input["rows"] ?? reference.Expected["rows"]) as JsonArray;
        IEnumerable<(int Height, int Width, long Bound)> questions = given is null
            ? Sizes.SelectMany(size => Bounds.Select(bound => (size.Height, size.Width, bound))).Where(IsInTable)
            : given.Select(row => ((int)row![0]!, (int)row[1]!, (long)row[2]!));
        JsonArray rows = [];
        foreach ((int height, int width, long bound) in questions)
        {
            (int Width, int Height)? size = TryFit(width, height, bound);
            rows.Add(new JsonArray(height, width, bound, size?.Height, size?.Width));
        }

        return new CaseOutput().Add("rows", rows);
    }

    public static CaseOutput Process(ReferenceCase reference, ReferenceModels models)
    {
        ImageProcessor processor = models.Processor(reference);
        var output = new CaseOutput();
        List<RgbImage> images = [];
        if (reference.Input.ContainsKey("images"))
        {
            string[] files = reference.Value<string[]>("images");
            int[]?[] sizes = reference.Value("sizes", new int[]?[files.Length]);
            images.AddRange(files.Select((file, i) =>
                sizes[i] is [int width, int height]
                    ? Resampler.Resize(reference.Image(file), width, height, ResampleFilter.Bilinear)
                    : reference.Image(file)));
        }
        else
        {
            RgbImage bounded = ImageFitting.BoundImage(
                reference.Image(reference.Value<string>("image")),
                reference.Value("max_pixels", ImageFitting.DefaultMaxPixels));
            images.Add(bounded);
            output.Add("bounded", bounded).Add("bounded_size", new JsonArray(bounded.Width, bounded.Height));
        }

        using ProcessedImages processed = processor.Process(
            images, reference.Input["do_resize"] is { } resize ? (bool)resize : null);
        return output
            .Add("pixel_values", processed.PixelValues.clone())
            .Add("image_grid_thw", processed.GridTensor())
            .Add("pixel_values_mean", MeanAndDeviation(processed.PixelValues));
    }

    /// <summary>Computes [mean, standard deviation] of all values.</summary>
    public static Tensor MeanAndDeviation(Tensor values)
    {
        Tensor wide = values.to(ScalarType.Float64);
        return stack([wide.mean(), wide.std()]).to(ScalarType.Float32);
    }

    private static (int Width, int Height)? TryFit(int width, int height, long bound)
    {
        try
        {
            return Imaging.SmartResize.Fit(width, height, bound);
        }
        catch (ImagingException)
        {
            return null;
        }
    }

    // The table contains the sizes that are refused for their aspect ratio, but not those for which the reference would return a
    // side of 0.
    private static bool IsInTable((int Height, int Width, long Bound) question)
    {
        (int height, int width, long bound) = question;
        return Math.Max(height, width) > 200 * Math.Min(height, width) || TryFit(width, height, bound) is not null;
    }

    private static ResampleFilter Filter(string name) =>
        Enum.TryParse(name, ignoreCase: true, out ResampleFilter filter)
            ? filter
            : throw new NexusGenException($"There is no filter {name}.");
}
