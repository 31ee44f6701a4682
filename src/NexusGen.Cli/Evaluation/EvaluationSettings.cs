using System.Text.Json;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Worlds.Core;

namespace NexusGen.Cli.Evaluation;

/// <summary>What the cases of an evaluation follow from, besides their suite, category and number.</summary>
internal sealed record EvaluationSettings
{
    private static readonly JsonSerializerOptions Format = new(JsonText.Indented) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The model's folder.</summary>
    public required string Model { get; init; }

    /// <summary>When the newest of its weights was written: a model that was trained on is another one.</summary>
    public required DateTime Weights { get; init; }

    /// <summary>Decides the cases.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Whether what is shown stands off the middle of its cells; null for half of it.</summary>
    public required bool? Jitter { get; init; }

    /// <summary>The one language; both in turn where null.</summary>
    public required TextLanguage? Language { get; init; }

    /// <summary>Cases of each category.</summary>
    public required int Count { get; init; }

    /// <summary>The language of a case.</summary>
    /// <param name="number">Which case of its category.</param>
    public TextLanguage LanguageOf(int number) => Language ?? (number % 2 == 0 ? TextLanguage.English : TextLanguage.Chinese);

    /// <summary>When the newest weights in a model's folder were written.</summary>
    /// <param name="model">The folder.</param>
    public static DateTime WeightsOf(string model) =>
        Directory.EnumerateFiles(model, "*", SearchOption.AllDirectories).Where(IsWeights).Select(File.GetLastWriteTimeUtc).Append(default).Max();

    /// <summary>Names what is not the same in another evaluation, in words; empty where all is.</summary>
    public IEnumerable<string> Differences(EvaluationSettings other)
    {
        (string Name, bool Differs)[] all =
        [
            ("of another model", Model != other.Model),
            ("of other weights of the model", Model == other.Model && Weights != other.Weights),
            ("with another seed", Seed != other.Seed),
            ("with another jitter", Jitter != other.Jitter),
            ("with another language", Language != other.Language),
            ($"of {other.Count} cases a category", Count != other.Count),
        ];
        return all.Where(difference => difference.Differs).Select(difference => difference.Name);
    }

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NexusGenException">It is no such file.</exception>
    public static EvaluationSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationSettings>(File.ReadAllText(path), Format) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new NexusGenException($"The evaluation's settings {path} can't be read: {e.Message} Name another folder.", e);
        }
    }

    private static bool IsWeights(string path) => Path.GetExtension(path) is ".safetensors" or ".bin" or ".pt" or ".pth";
}
