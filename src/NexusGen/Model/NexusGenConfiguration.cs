using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Diffusion;
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
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new GridJsonConverter() },
    };

    /// <summary>The official model.</summary>
    public static NexusGenConfiguration Official { get; } = new();

    /// <summary>What the file says of itself.</summary>
    public string? About { get; init; }

    /// <summary>How many tokens a drawn picture takes; must be those of <see cref="GridSizes.Drawn"/>.</summary>
    public int ImageTokens { get; init; } = 81;

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
            NexusGenConfiguration read = JsonSerializer.Deserialize<NexusGenConfiguration>(File.ReadAllText(path), Format)
                ?? throw new NexusGenException($"{path} is empty.");
            return read.Checked(path);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NexusGenException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>The configuration as the text of a <c>nexus-gen.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    // A file of an older kind gives only the number of tokens; a square grid is meant then.
    private NexusGenConfiguration Checked(string path)
    {
        GridSizes grids = Grids;
        if (grids.Drawn.Tokens() != ImageTokens)
        {
            int side = (int)Math.Sqrt(ImageTokens);
            bool drawnGiven = grids.Drawn != new GridSizes().Drawn;
            if (drawnGiven || side * side != ImageTokens)
            {
                throw new NexusGenException(
                    $"{path}: image_tokens is {ImageTokens}, but grids.drawn {grids.Drawn} has {grids.Drawn.Tokens()} tokens; make them agree.");
            }

            grids = grids with { Drawn = new GridThw(1, 2 * side, 2 * side) };
        }

        return this with { Grids = grids };
    }
}
