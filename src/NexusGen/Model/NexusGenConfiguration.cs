using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Core;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>
/// What the official code hard-codes: sizes, grids and defaults. A model folder of other sizes says its own in
/// <c>nexus-gen.json</c>; whatever that file leaves out is as officially.
/// </summary>
public sealed record NexusGenConfiguration
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new GridJsonConverter() },
    };

    /// <summary>The official model.</summary>
    public static NexusGenConfiguration Official { get; } = new();

    /// <summary>What the file says of itself.</summary>
    public string? About { get; init; }

    /// <summary>How many tokens a drawn picture takes; must be those of <see cref="GridSizes.Drawn"/>.</summary>
    public int ImageTokens { get; init; } = 81;

    /// <summary>Whether the vision encoder's embeddings are scaled to a root mean square of 1; not so officially.</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Whether pictures are drawn by plain autoregression instead of the prefilled one; not so officially.</summary>
    public bool PlainAutoregression { get; init; }

    /// <summary>The grids of drawn and source pictures.</summary>
    public GridSizes Grids { get; init; } = new();

    /// <summary>The sizes of the decoders' transformer.</summary>
    public FluxConfiguration Flux { get; init; } = FluxConfiguration.FluxDev;

    /// <summary>The sizes of the autoencoder.</summary>
    public AutoencoderConfiguration Autoencoder { get; init; } = AutoencoderConfiguration.Flux;

    /// <summary>The generation decoder around its transformer.</summary>
    public GenerationDecoderSizes GenerationDecoder { get; init; } = new();

    /// <summary>The editing decoder around its transformer.</summary>
    public EditingDecoderSizes EditingDecoder { get; init; } = new();

    /// <summary>What is done where a request says nothing.</summary>
    public ModelDefaults Defaults { get; init; } = new();

    /// <summary>Keys of the file that mean nothing here; ignored, but worth a warning.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Reads a file, or gives the official configuration where there is none.</summary>
    /// <param name="path">The path of a <c>nexus-gen.json</c>.</param>
    /// <exception cref="NexusGenException">It is not JSON, or its values can't be.</exception>
    public static NexusGenConfiguration Read(string path)
    {
        if (!File.Exists(path))
        {
            return Official;
        }

        try
        {
            string text = File.ReadAllText(path);
            NexusGenConfiguration read = JsonSerializer.Deserialize<NexusGenConfiguration>(text, Format)
                ?? throw new NexusGenException($"{path} is empty.");
            using JsonDocument json = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return read.Checked(
                path,
                tokensGiven: json.RootElement.TryGetProperty("image_tokens", out _),
                gridGiven: json.RootElement.TryGetProperty("grids", out JsonElement grids) && grids.TryGetProperty("drawn", out _));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NexusGenException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>The configuration as the text of a <c>nexus-gen.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    // Tokens and grid of a drawn picture follow from one another: a square is meant where only the number of tokens is given.
    private NexusGenConfiguration Checked(string path, bool tokensGiven, bool gridGiven)
    {
        NexusGenConfiguration whole = this;
        if (tokensGiven && !gridGiven)
        {
            int side = (int)Math.Sqrt(Math.Max(ImageTokens, 0));
            if (ImageTokens < 1 || side * side != ImageTokens)
            {
                throw new NexusGenException(
                    $"{path}: image_tokens is {ImageTokens}, which is not the number of tokens of a square; give grids.drawn, in patches, too.");
            }

            whole = this with { Grids = Grids with { Drawn = new GridThw(1, 2 * side, 2 * side) } };
        }
        else if (gridGiven && !tokensGiven)
        {
            whole = this with { ImageTokens = (int)Grids.Drawn.Tokens() };
        }

        string? wrong = whole switch
        {
            { } c when new[] { c.Grids.Drawn, c.Grids.Source, c.Grids.Base }.FirstOrDefault(IsOdd) is { T: > 0 } grid =>
                $"the grid {grid} can't be: its height and width, in patches, must be even",
            { } c when c.Grids.Drawn.Tokens() != c.ImageTokens =>
                $"image_tokens is {c.ImageTokens}, but grids.drawn {c.Grids.Drawn} has {c.Grids.Drawn.Tokens()} tokens; make them agree",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"{path}: {wrong}.");
        }

        try
        {
            whole.Flux.Checked();
            whole.Autoencoder.Checked();
        }
        catch (NexusGenException e)
        {
            throw new NexusGenException($"{path}: {e.Message}", e);
        }

        return whole;
    }

    private static bool IsOdd(GridThw grid) => grid.H % 2 != 0 || grid.W % 2 != 0;
}
