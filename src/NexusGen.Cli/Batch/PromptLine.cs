using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Cli.Options;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>One line of a prompt file. Values that it leaves out are those of the command line.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PromptLine
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>The seed of the noise and of the sampling of tokens.</summary>
    [JsonConverter(typeof(SeedConverter))]
    public ulong? Seed { get; init; }

    /// <summary>Width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>The scale of classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>What the image should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>The language of the prompt template: <c>en</c> or <c>zh</c>.</summary>
    public string? Language { get; init; }

    /// <summary>The number of images, with consecutive seeds.</summary>
    public int? Count { get; init; }

    /// <summary>The output file or folder. A relative path is resolved against the folder of <c>--output</c>.</summary>
    public string? Output { get; init; }

    /// <summary>The image to edit. A relative path is resolved against the folder of the prompt file.</summary>
    public string? Image { get; init; }

    /// <summary>Parses a line.</summary>
    /// <param name="json">The line.</param>
    /// <param name="editing">Whether the lines are edits.</param>
    /// <exception cref="FormatException">The line is not such an object, or a value is invalid, as the message says.</exception>
    public static PromptLine Parse(string json, bool editing)
    {
        PromptLine line;
        try
        {
            line = JsonSerializer.Deserialize<PromptLine>(json, Format)
                ?? throw new FormatException("expected a JSON object, not null");
        }
        catch (JsonException e)
        {
            throw new FormatException(Reason(e, editing), e);
        }

        string? other = editing ? line.Language is null ? null : "language" : line.Image is null ? null : "image";
        return other is null ? line.Check() : throw new FormatException(Unknown(other, editing));
    }

    /// <summary>Creates the request of this line.</summary>
    /// <param name="common">The request with the values of the command line.</param>
    public GenerateRequest Request(GenerateRequest common) => common with
    {
        Description = Prompt,
        Language = Language switch
        {
            "zh" => NexusGen.Core.Language.Chinese,
            "en" => NexusGen.Core.Language.English,
            _ => common.Language
        },
        Reply = common.Reply with { Seed = Seed ?? common.Reply.Seed },
        Settings = common.Settings with
        {
            Seed = Seed ?? common.Settings.Seed,
            Width = Width ?? common.Settings.Width,
            Height = Height ?? common.Settings.Height,
            Steps = Steps ?? common.Settings.Steps,
            CfgScale = CfgScale ?? common.Settings.CfgScale,
            NegativePrompt = NegativePrompt ?? common.Settings.NegativePrompt,
            Count = Count ?? common.Settings.Count,
        },
    };

    // The messages of the JSON library name .NET types, which mean nothing to the author of the file.
    private static string Reason(JsonException e, bool editing)
    {
        string field = e.Path is { Length: > 2 } path ? path[2..] : "";
        return e.Message switch
        {
            var m when m.Contains("could not be mapped", StringComparison.Ordinal) =>
                Unknown(field, editing),
            var m when m.Contains("missing required", StringComparison.Ordinal) => "required field 'prompt' is missing",
            var m when !m.Contains("could not be converted", StringComparison.Ordinal) =>
                $"invalid JSON: {m.Split(" Path: ")[0].Split(" LineNumber: ")[0]}",
            _ when field.Length > 0 => $"'{field}' has the wrong type or is out of range",
            _ => "expected a JSON object such as {\"prompt\": \"a cat\"}",
        };
    }

    private static string Unknown(string field, bool editing) =>
        $"unknown field '{field}'; the fields are prompt, seed, width, height, steps, cfg_scale, negative_prompt, "
        + $"{(editing ? "image" : "language")}, count and output";

    private PromptLine Check()
    {
        Require(!string.IsNullOrWhiteSpace(Prompt), "prompt is empty");
        Require(
            Width is null or (>= 1 and <= ImageOptions.MaxSide),
            $"width must be an integer from 1 to {ImageOptions.MaxSide}");
        Require(
            Height is null or (>= 1 and <= ImageOptions.MaxSide),
            $"height must be an integer from 1 to {ImageOptions.MaxSide}");
        Require(Steps is null or (>= 1 and <= 1000), "steps must be an integer from 1 to 1000");
        Require(CfgScale is null or >= 0, "cfg_scale must be a number of at least 0");
        Require(Count is null or (>= 1 and <= 10_000), "count must be an integer from 1 to 10000");
        Require(Language is null or "en" or "zh", "language must be en or zh");
        Require(Image is null || !string.IsNullOrWhiteSpace(Image), "image is empty");
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
