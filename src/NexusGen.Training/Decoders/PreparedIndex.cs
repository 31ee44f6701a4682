using System.Text.Json;
using NexusGen.Training.Core;

namespace NexusGen.Training.Decoders;

/// <summary>What a folder of prepared data holds.</summary>
internal sealed record PreparedIndex
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The model whose embeddings they are.</summary>
    public string Model { get; init; } = "";

    /// <summary>The precision and the fingerprint of the weights that made them; empty where nobody noted it.</summary>
    public string Weights { get; init; } = "";

    /// <summary>The data that was prepared.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>What was prepared of it: for which decoder, which embeddings, which size of pictures.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The files, in order.</summary>
    public IReadOnlyList<string> Shards { get; init; } = [];

    /// <summary>How many samples of the data were taken, in the order of the data.</summary>
    public long Samples { get; init; }

    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, PreparedData.IndexName));

    public static PreparedIndex Read(string folder)
    {
        string path = Path.Combine(folder, PreparedData.IndexName);
        try
        {
            return JsonSerializer.Deserialize<PreparedIndex>(File.ReadAllText(path), Format) ?? throw new TrainingException($"{path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"The prepared data {folder} can't be read: {e.Message}", e);
        }
    }

    public void Write(string folder)
    {
        string path = Path.Combine(folder, PreparedData.IndexName), temporary = path + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, Format));
        File.Move(temporary, path, overwrite: true);
    }
}
