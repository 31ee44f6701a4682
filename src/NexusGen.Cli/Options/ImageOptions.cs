using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>The options that control how an image is generated.</summary>
internal sealed class ImageOptions
{
    /// <summary>The longest side of an image in pixels, far more than FLUX was trained for.</summary>
    public const int MaxSide = 8192;

    private readonly Option<int?> _steps = OptionOf.Integer("--steps", "Denoising steps. [50]", 1, 1000, "--num-inference-steps");
    private readonly Option<double?> _cfgScale;
    private readonly Option<double?> _guidance = OptionOf.Number(
        "--embedded-guidance",
        "Embedded guidance, an input of FLUX. [3.5]",
        0);
    private readonly Option<string?> _negative = OptionOf.AnyText(
        "--negative-prompt",
        "What the image should not show; requires a --cfg-scale above 1.",
        "TEXT");
    private readonly Option<int?> _width = OptionOf.Integer(
        "--width",
        "Width in pixels. A size that the model does not generate is made as --fit says. [512]",
        1, MaxSide);
    private readonly Option<int?> _height = OptionOf.Integer(
        "--height",
        "Height in pixels. [512]",
        1, MaxSide);
    private readonly Option<SizeFit?> _fit = OptionOf.ValueChoice(
        "--fit",
        "How to resize to a size that the model does not generate: with margins, cropped, or not at all (an error). [contain]",
        ("contain", SizeFit.Contain), ("cover", SizeFit.Cover), ("exact", SizeFit.Exact));
    private readonly Option<ulong?> _seed;
    private readonly Option<int?> _count = OptionOf.Integer(
        "--count",
        "Number of images, with consecutive seeds. [1]",
        1, 10_000, "-n");
    private readonly Option<string?> _start = OptionOf.Text("--start-image", "Image to start from instead of noise.", "FILE");
    private readonly Option<double?> _strength = OptionOf.Number(
        "--denoising-strength",
        "Strength of the noise that is added to the start image; 1 ignores the image. [1]",
        0, 1);
    private readonly Option<double?> _teaCache = OptionOf.Number(
        "--tea-cache",
        "TeaCache threshold; the larger, the more steps reuse the previous one. [off]",
        0);
    private readonly bool _several;

    /// <summary>Initializes the options.</summary>
    /// <param name="cfgScale">The official scale of classifier-free guidance, shown in the help.</param>
    /// <param name="seed">The official seed, shown in the help.</param>
    /// <param name="several">Whether the command can generate several images and accepts a start image.</param>
    public ImageOptions(string cfgScale, string seed, bool several = true)
    {
        _cfgScale = OptionOf.Number(
            "--cfg-scale",
            $"Scale of classifier-free guidance; 1 disables it and halves the time. [{cfgScale}]",
            0);
        _seed = OptionOf.Seed("--seed", $"Seed of the noise and of token sampling. [{seed}]");
        _several = several;
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_steps, _cfgScale, _guidance, _negative, _width, _height, _fit, _seed, _teaCache])
        {
            command.Options.Add(option);
        }

        if (_several)
        {
            command.Options.Add(_count);
            command.Options.Add(_start);
            command.Options.Add(_strength);
        }
    }

    /// <summary>Adds only the options that say how much is computed and how, not what is generated.</summary>
    public void AddDenoisingTo(Command command)
    {
        foreach (Option option in (Option[])[_steps, _cfgScale, _guidance, _teaCache])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the options of <see cref="AddDenoisingTo"/>.</summary>
    public ImageSettings ReadDenoising(ParseResult parsed) => new()
    {
        Steps = parsed.GetValue(_steps),
        CfgScale = parsed.GetValue(_cfgScale),
        EmbeddedGuidance = parsed.GetValue(_guidance),
        TeaCacheThreshold = parsed.GetValue(_teaCache),
    };

    /// <summary>Returns the seed, or null if none is given.</summary>
    public ulong? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>Reads the settings from the command line, and the start image from its file.</summary>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    /// <exception cref="ImagingException">The start image can't be read.</exception>
    public ImageSettings Read(ParseResult parsed, CommandOutput output)
    {
        int count = _several ? parsed.GetValue(_count) ?? 1 : 1;
        string? start = _several ? parsed.GetValue(_start) : null;
        double? strength = _several ? parsed.GetValue(_strength) : null;
        if (strength is not null && start is null)
        {
            throw new UsageException("--denoising-strength requires --start-image.");
        }

        if (Seed(parsed) is { } seed && seed > ulong.MaxValue - (ulong)(count - 1))
        {
            throw new UsageException(
                $"--count {count} exceeds the largest seed, {ulong.MaxValue}; use a smaller --seed.");
        }

        if (start is not null && strength is null)
        {
            output.WriteNote("Note: --denoising-strength is 1, which ignores the start image; 0.6 keeps its composition.");
        }

        return new ImageSettings
        {
            Steps = parsed.GetValue(_steps),
            CfgScale = parsed.GetValue(_cfgScale),
            EmbeddedGuidance = parsed.GetValue(_guidance),
            NegativePrompt = parsed.GetValue(_negative) ?? "",
            Width = parsed.GetValue(_width),
            Height = parsed.GetValue(_height),
            Fit = parsed.GetValue(_fit) ?? SizeFit.Contain,
            Seed = Seed(parsed),
            Count = count,
            StartImage = start is null ? null : ImageFile.Read(start),
            DenoisingStrength = strength ?? 1,
            TeaCacheThreshold = parsed.GetValue(_teaCache),
        };
    }

    /// <summary>Writes a note if the image gets another size than requested, or is resized to it.</summary>
    /// <exception cref="NexusGenException">The size is out of range, or is refused.</exception>
    public static void WriteSizeNote(
        ImageSettings settings, NexusGenConfiguration configuration, bool editing, CommandOutput output)
    {
        ModelDefaults defaults = configuration.Defaults;
        var size = OutputSize.Of(settings, configuration, editing ? defaults.Edit : defaults.Generate);
        if (size.IsResized)
        {
            output.WriteNote($"Note: the model generates images of {size.Generated.Pixels}; it is resized to {size.Final}.");
            return;
        }

        Rounded(settings.Width, size.Final.Width, "width");
        Rounded(settings.Height, size.Final.Height, "height");

        void Rounded(int? asked, int rounded, string side)
        {
            if (asked is { } given && given != rounded)
            {
                int multiple = 2 * configuration.Autoencoder.Downscale;
                output.WriteNote($"Note: the {side} is rounded up from {given} to {rounded} pixels, a multiple of {multiple}.");
            }
        }
    }
}
