using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>How a picture is painted.</summary>
internal sealed class PictureOptions
{
    /// <summary>The longest side that is painted; far more than FLUX was trained for.</summary>
    public const int MaxSide = 8192;

    private const int SideMultiple = 16;

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "Denoising steps. [50]", 1, 1000, "--num-inference-steps");
    private readonly Option<double?> _cfgScale;
    private readonly Option<double?> _guidance = OptionOf.Number(
        "--embedded-guidance",
        "The guidance that FLUX takes as an input. [3.5]",
        0);
    private readonly Option<string?> _negative = OptionOf.AnyText(
        "--negative-prompt",
        "What the picture should not show; needs a --cfg-scale above 1.",
        "TEXT");
    private readonly Option<int?> _width = OptionOf.Whole(
        "--width",
        "Width in pixels, rounded up to a multiple of 16. [512]",
        1, MaxSide);
    private readonly Option<int?> _height = OptionOf.Whole(
        "--height",
        "Height in pixels, rounded up to a multiple of 16. [512]",
        1, MaxSide);
    private readonly Option<ulong?> _seed;
    private readonly Option<int?> _count = OptionOf.Whole(
        "--count",
        "How many pictures, with consecutive seeds. [1]",
        1, 10_000, "-n");
    private readonly Option<string?> _start = OptionOf.Text("--start-image", "A picture to start from instead of noise.", "FILE");
    private readonly Option<double?> _strength = OptionOf.Number(
        "--denoising-strength",
        "How much of the start image is noised over; 1 leaves nothing of it. [1]",
        0, 1);
    private readonly Option<double?> _teaCache = OptionOf.Number(
        "--tea-cache",
        "TeaCache's threshold: the larger, the more steps reuse the one before. [off]",
        0);
    private readonly bool _several;

    /// <summary>The options.</summary>
    /// <param name="cfgScale">The official classifier-free guidance, for the help.</param>
    /// <param name="seed">The official seed, for the help.</param>
    /// <param name="several">Whether several pictures may be asked for, and a picture to start from.</param>
    public PictureOptions(string cfgScale, string seed, bool several = true)
    {
        _cfgScale = OptionOf.Number(
            "--cfg-scale",
            $"Classifier-free guidance; 1 leaves the negative branch out, which halves the time. [{cfgScale}]",
            0);
        _seed = OptionOf.Seed("--seed", $"Seed of the noise, and of the sampling of tokens. [{seed}]");
        _several = several;
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_steps, _cfgScale, _guidance, _negative, _width, _height, _seed, _teaCache])
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

    /// <summary>The seed; null where none is named.</summary>
    public ulong? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>The settings that the command line gives; the picture to start from is read.</summary>
    /// <exception cref="UsageException">The options don't go together.</exception>
    /// <exception cref="ImagingException">The picture to start from can't be read.</exception>
    public PictureSettings Read(ParseResult parsed, CommandOutput output)
    {
        int count = _several ? parsed.GetValue(_count) ?? 1 : 1;
        string? start = _several ? parsed.GetValue(_start) : null;
        double? strength = _several ? parsed.GetValue(_strength) : null;
        if (strength is not null && start is null)
        {
            throw new UsageException("--denoising-strength needs a --start-image.");
        }

        if (Seed(parsed) is { } seed && seed > ulong.MaxValue - (ulong)(count - 1))
        {
            throw new UsageException($"--count {count} needs seeds beyond the last one, {ulong.MaxValue}; begin with a smaller --seed.");
        }

        if (start is not null && strength is null)
        {
            output.Note("Note: --denoising-strength is 1, which leaves nothing of the start image; 0.6 keeps its composition.");
        }

        return new PictureSettings
        {
            Steps = parsed.GetValue(_steps),
            CfgScale = parsed.GetValue(_cfgScale),
            EmbeddedGuidance = parsed.GetValue(_guidance),
            NegativePrompt = parsed.GetValue(_negative) ?? "",
            Width = RoundUp(parsed.GetValue(_width), "width", output),
            Height = RoundUp(parsed.GetValue(_height), "height", output),
            Seed = Seed(parsed),
            Count = count,
            StartImage = start is null ? null : ImageFile.Read(start),
            DenoisingStrength = strength ?? 1,
            TeaCacheThreshold = parsed.GetValue(_teaCache),
        };
    }

    /// <summary>A side as it is painted, with a note where it is another than asked for.</summary>
    public static int? RoundUp(int? side, string name, CommandOutput output)
    {
        if (side is not { } asked || asked % SideMultiple == 0)
        {
            return side;
        }

        int rounded = ((asked / SideMultiple) + 1) * SideMultiple;
        output.Note($"Note: the {name} is {rounded} pixels, since {asked} is not a multiple of {SideMultiple}.");
        return rounded;
    }
}
