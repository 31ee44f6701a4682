using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Cli.Options;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>One line of a file of prompts; what it leaves out is as the command line says.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PromptLine
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>What to draw.</summary>
    public required string Prompt { get; init; }

    /// <summary>Seed of the noise.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>What the picture should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Language of the template: <c>en</c> or <c>zh</c>.</summary>
    public string? Language { get; init; }

    /// <summary>How many pictures, with consecutive seeds.</summary>
    public int? Count { get; init; }

    /// <summary>Where the picture goes; below the folder of <c>--output</c> where it is not a whole path.</summary>
    public string? Output { get; init; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is not such an object, or a value can't be; the message says which.</exception>
    public static PromptLine Parse(string json)
    {
        PromptLine line;
        try
        {
            line = JsonSerializer.Deserialize<PromptLine>(json, Format) ?? throw new FormatException("it is null");
        }
        catch (JsonException e)
        {
            throw new FormatException(Reason(e), e);
        }

        return line.Check();
    }

    /// <summary>The request that this line asks for.</summary>
    /// <param name="common">What the command line says.</param>
    public GenerateRequest Request(GenerateRequest common) => common with
    {
        Description = Prompt,
        Language = Language switch { "zh" => NexusGen.Core.Language.Chinese, "en" => NexusGen.Core.Language.English, _ => common.Language },
        Reply = common.Reply with { Seed = Seed ?? common.Reply.Seed },
        Picture = common.Picture with
        {
            Seed = Seed ?? common.Picture.Seed,
            Width = Width ?? common.Picture.Width,
            Height = Height ?? common.Picture.Height,
            Steps = Steps ?? common.Picture.Steps,
            CfgScale = CfgScale ?? common.Picture.CfgScale,
            NegativePrompt = NegativePrompt ?? common.Picture.NegativePrompt,
            Count = Count ?? common.Picture.Count,
        },
    };

    // The library's sentences speak of types of the program, which mean nothing to whoever wrote the line.
    private static string Reason(JsonException e)
    {
        string field = e.Path is { Length: > 2 } path ? path[2..] : "";
        return e.Message switch
        {
            var m when m.Contains("could not be mapped", StringComparison.Ordinal) =>
                $"there is no '{field}' in a line; it may hold prompt, seed, width, height, steps, cfg_scale, negative_prompt, language, count and output",
            var m when m.Contains("missing required", StringComparison.Ordinal) => "its 'prompt' is missing",
            var m when !m.Contains("could not be converted", StringComparison.Ordinal) => $"it is not JSON: {m.Split(" Path: ")[0].Split(" LineNumber: ")[0]}",
            _ when field.Length > 0 => $"its '{field}' is of the wrong type or out of range",
            _ => "it is not an object like {\"prompt\": \"a cat\"}",
        };
    }

    private PromptLine Check()
    {
        Require(!string.IsNullOrWhiteSpace(Prompt), "prompt is empty");
        Require(Width is null or (>= 1 and <= PictureOptions.MaxSide), $"width takes a whole number from 1 to {PictureOptions.MaxSide}");
        Require(Height is null or (>= 1 and <= PictureOptions.MaxSide), $"height takes a whole number from 1 to {PictureOptions.MaxSide}");
        Require(Steps is null or (>= 1 and <= 1000), "steps takes a whole number from 1 to 1000");
        Require(CfgScale is null or >= 0, "cfg_scale takes a number of at least 0");
        Require(Count is null or (>= 1 and <= 10_000), "count takes a whole number from 1 to 10000");
        Require(Language is null or "en" or "zh", "language takes en or zh");
        Require(Output is null || !string.IsNullOrWhiteSpace(Output), "output is empty");
        return this;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
