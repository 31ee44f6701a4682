using System.Globalization;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using TorchSharp;

namespace NexusGen.Training.Stages;

/// <summary>
/// Prepares a folder of images for the training of a decoder, in the folder of the run: each image once, or as often as it is
/// repeated. A resumed run finds what was prepared.
/// </summary>
internal static class FolderPreparation
{
    private const string FolderName = "prepared";

    // What rounding to pixels may cost.
    private const double Negligible = 0.005;

    /// <summary>Returns the folder of the prepared data of a source, which is prepared first if it is not.</summary>
    /// <param name="source">A folder of images, or of prepared data.</param>
    /// <param name="configuration">The configuration, with the size of the images.</param>
    /// <param name="components">The model and the run.</param>
    /// <param name="editing">Whether it is for the editing decoder.</param>
    /// <exception cref="NexusGen.Core.NexusGenException">The folder can't be read, or has no usable image.</exception>
    public static string Of(
        DataSource source, DecoderTrainingConfiguration configuration, StageComponents components, bool editing)
    {
        if (DecoderDatasetIndex.Exists(source.Path))
        {
            return source.Path;
        }

        if (ImageFolder.HasPairs(source.Path) != editing)
        {
            throw new TrainingException(editing
                ? $"{source.Path} has no images for the editing decoder: it needs the folders before and after, with images of "
                    + "the same names, or the output of `nexusgen prepare editing`."
                : $"{source.Path} has pairs of images, which are for the editing decoder.");
        }

        string[] names =
        [
            Path.GetFullPath(source.Path), $"repeats {source.Repeats}", $"trigger {source.Trigger}",
            string.Create(CultureInfo.InvariantCulture, $"caption_dropout {source.CaptionDropout}"),
            $"seed {configuration.Seed}",
        ];
        string folder = Path.Combine(
            components.Folder,
            FolderName,
            $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(names[0]))}-"
                + $"{CounterRandom.Hash(configuration.Seed, (ulong)source.Repeats, Number(names)):x16}"[^8..]);
        var options = new DecoderDatasetOptions
        {
            Editing = editing,
            Width = configuration.Width!.Value,
            Height = configuration.Height!.Value,
            Type = torch.ScalarType.Float32,
        };
        var validation = new DecoderDatasetValidation(components.Files, options);
        int cropped = 0;
        double most = 0;
        void Check(TrainingSample sample)
        {
            validation.Check(sample);
            double ratio = (double)sample.Images[^1].Width * options.Height / ((double)sample.Images[^1].Height * options.Width);
            double lost = 1 - Math.Min(ratio, 1 / ratio);
            cropped += lost > Negligible ? 1 : 0;
            most = Math.Max(most, lost);
        }

        using var data = new SampleMix(
            [source with { Weight = 1 }],
            configuration.Seed,
            check: Check,
            maxBroken: configuration.MaxBrokenRecords,
            report: components.ReportBroken,
            needsText: editing);
        components.Say($"preparing {source.Path}: {data.Count} images");
        new DecoderDatasetBuilder(components.Files, components.Options with { MapFiles = true })
            .Run(folder, data, names, options with { Samples = data.Count }, stop: components.Stop);
        if (cropped > 0)
        {
            components.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{cropped} images were cropped to {options.Width}x{options.Height}, and lost at most {most:0 %} of a side."));
        }

        if (data.Broken.Count > 0)
        {
            components.Say($"{data.Broken.Count} images of {source.Path} can't be used and were left out.");
        }

        return folder;
    }

    private static ulong Number(string[] names) => names.Aggregate(0ul, (sum, name) =>
        name.Aggregate(sum + 1, (inner, letter) => CounterRandom.Hash(inner, letter)));
}
