using System.Globalization;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights.Modules;

namespace NexusGen.Cli.Models;

/// <summary>What the doctor found: the files of a model, the machine, and what fits.</summary>
/// <param name="Folder">The model's folder.</param>
/// <param name="Parts">The parts of the model.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Placement">The device and the types that would be used.</param>
/// <param name="Formats">What each storage format takes; empty if the model can't be measured.</param>
/// <param name="Image">The image that the minutes are about.</param>
internal sealed record Diagnosis(
    string Folder,
    IReadOnlyList<PartCheck> Parts,
    MachineFacts Machine,
    string Placement,
    IReadOnlyList<FormatEstimate> Formats,
    string Image)
{
    /// <summary>Gets whether all parts are whole.</summary>
    public bool IsWhole => Parts.All(part => part.IsWhole);

    /// <summary>Examines a model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">The device.</param>
    /// <param name="measures">Whether speeds are measured, which takes a few seconds.</param>
    public static Diagnosis Of(string folder, string device, bool measures)
    {
        IReadOnlyList<PartCheck> parts = ModelCheck.Run(folder);
        var machine = MachineFacts.Read();
        ModelFiles? files = TryOpen(folder);
        using (files)
        {
            if (files is null)
            {
                return new Diagnosis(folder, parts, machine, device, [], "");
            }

            var placement = NexusGen.Torch.Placement.Open(
                device, Precision.Automatic, files.Configuration.Defaults.Precision);
            ImageDefaults image = files.Configuration.Defaults.Generate;
            string branches = image.CfgScale > 1 ? ", with cfg" : "";
            return new Diagnosis(
                folder,
                parts,
                machine,
                $"{device}, {placement}",
                [
                    // What stored is depends on the files, and for most models it is dense.
                    .. WeightFormats.Choices.Where(formats => formats.Decoders != BlockedFormat.Stored)
                        .Select(formats => Estimate(files, placement, formats, measures)),
                ],
                string.Create(
                    CultureInfo.InvariantCulture, $"{image.Width}×{image.Height}, {image.Steps} steps{branches}"));
        }
    }

    /// <summary>Returns what to choose, in a sentence, or null if nothing can be said.</summary>
    public string? Advice()
    {
        if (Formats.Count == 0)
        {
            return null;
        }

        FormatEstimate? fitting = Formats.FirstOrDefault(format => format.Bytes <= Machine.Available);
        if (fitting is not null)
        {
            return fitting == Formats[0]
                ? "Everything fits into memory; no option is needed."
                : $"--weights {fitting.Name}: with it, everything fits into memory.";
        }

        FormatEstimate smallest = Formats.MinBy(format => format.Bytes)!;
        long budget = Math.Max(Machine.Available * 9 / 10, 1_000_000);
        return $"--weights {smallest.Name} --memory-budget {budget / 1_000_000}MB: not everything fits into memory, and what "
            + "does not is read again at each step.";
    }

    private static FormatEstimate Estimate(ModelFiles files, Placement placement, WeightFormats formats, bool measures)
    {
        LoadOptions dense = new(placement), decoder = dense with { LinearFormat = formats.Decoders };
        LoadOptions language = dense with { LinearFormat = formats.LanguageModel };
        double? speed = measures ? SpeedEstimate.Measure(files.Configuration.Flux, placement, formats.Decoders) : null;
        return new FormatEstimate(
            formats.ToString(),
            [
                ("language model", files.LanguageModelPart.Measure(language).Total),
                ("vision encoder", files.VisionPart.Measure(dense).Total),
                ("decoder", files.AdapterPart.Measure(dense).Total
                    + files.FluxPart(files.Paths.GenerationDecoder).Measure(decoder).Total),
                ("autoencoder", files.AutoencoderDecoderPart.Measure(dense).Total),
            ],
            speed,
            speed is { } operations ? SpeedEstimate.OperationsOf(files.Configuration) / operations / 60 : null);
    }

    private static ModelFiles? TryOpen(string folder)
    {
        try
        {
            return new ModelFiles(ModelPaths.Find(folder));
        }
        catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
