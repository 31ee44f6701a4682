using System.Text.Json;
using System.Text.Json.Serialization;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Requests;
using NexusGen.Weights.Stores;
using NexusGen.Worlds.Core;

namespace NexusGen.Cli.Evaluation;

/// <summary>The settings that determine the cases of an evaluation, besides their suite, category and number.</summary>
internal sealed record EvaluationSettings
{
    private static readonly JsonSerializerOptions Format = new(JsonText.Indented)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
    };

    /// <summary>The world.</summary>
    public string World { get; init; } = "shapesworld";

    /// <summary>The model's folder.</summary>
    public required string Model { get; init; }

    /// <summary>When the newest weights were written: a model that was trained further counts as another model.</summary>
    public required DateTime Weights { get; init; }

    /// <summary>The seed of the cases.</summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// Whether objects in the images shown to the model are off the middle of their cells, or null for half of the images.
    /// </summary>
    public required bool? Jitter { get; init; }

    /// <summary>The language of all cases, or null for both in turn.</summary>
    public required TextLanguage? Language { get; init; }

    /// <summary>The number of cases in each category.</summary>
    public required int Count { get; init; }

    /// <summary>The storage format and precision of the weights.</summary>
    public string Storage { get; init; } = "dense Automatic";

    /// <summary>The number of denoising steps, or null for the model's default, as for the following settings.</summary>
    public int? Steps { get; init; }

    /// <summary>The scale of classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>The embedded guidance.</summary>
    public double? EmbeddedGuidance { get; init; }

    /// <summary>The threshold of TeaCache.</summary>
    public double? TeaCache { get; init; }

    /// <summary>The share of images shown to the model whose objects are off the middle of their cells.</summary>
    [JsonIgnore]
    public double JitterShare => Jitter switch { true => 1, false => 0, null => 0.5 };

    /// <summary>Returns how the images of a case are denoised.</summary>
    /// <param name="number">The number of the case in its category, which determines the noise.</param>
    public ImageSettings ImageSettingsOf(int number) => new()
    {
        Seed = unchecked(Seed + (ulong)number),
        Steps = Steps,
        CfgScale = CfgScale,
        EmbeddedGuidance = EmbeddedGuidance,
        TeaCacheThreshold = TeaCache,
    };

    /// <summary>Returns the language of a case.</summary>
    /// <param name="number">The number of the case in its category.</param>
    public TextLanguage LanguageOf(int number) => Language ?? (number % 2 == 0 ? TextLanguage.English : TextLanguage.Chinese);

    /// <summary>Returns when the newest weights in a model's folder were written.</summary>
    /// <param name="model">The folder.</param>
    public static DateTime WeightsOf(string model) =>
        Directory.EnumerateFiles(model, "*", SearchOption.AllDirectories).Where(CheckpointNames.IsWeights)
            .Select(File.GetLastWriteTimeUtc)
            .Append(default).Max();

    /// <summary>Describes the differences from another evaluation; empty if there are none.</summary>
    public IEnumerable<string> Differences(EvaluationSettings other)
    {
        (string Name, bool Differs)[] all =
        [
            ("world", World != other.World),
            ("model", Model != other.Model),
            ("version of the model's weights", Model == other.Model && Weights != other.Weights),
            ("seed", Seed != other.Seed),
            ("jitter", Jitter != other.Jitter),
            ("language", Language != other.Language),
            ("storage format or precision", Storage != other.Storage),
            ("number of steps", Steps != other.Steps),
            ("guidance", CfgScale != other.CfgScale || EmbeddedGuidance != other.EmbeddedGuidance),
            ("TeaCache threshold", TeaCache != other.TeaCache),
            ($"number of cases per category ({other.Count})", Count != other.Count),
        ];
        return all.Where(difference => difference.Differs).Select(difference => difference.Name);
    }

    /// <summary>Writes the settings to a file.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>Reads the settings from a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NexusGenException">The file does not contain settings.</exception>
    public static EvaluationSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationSettings>(TextFile.Read(path), Format)
                ?? throw new JsonException("The file is empty.");
        }
        catch (JsonException e)
        {
            throw new NexusGenException(
                $"Can't read the evaluation settings {path}: {e.Message.TrimEnd('.')}; choose another folder.", e);
        }
    }
}
