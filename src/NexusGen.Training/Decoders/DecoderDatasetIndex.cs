using System.Text.Json;
using NexusGen.Core;
using NexusGen.Training.Core;

namespace NexusGen.Training.Decoders;

/// <summary>The contents of a folder of prepared data.</summary>
internal sealed record DecoderDatasetIndex
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true
    };

    /// <summary>The folder of the model that computed the embeddings.</summary>
    public string Model { get; init; } = "";

    /// <summary>
    /// The precision and fingerprint of the weights that computed the embeddings; empty if they were not recorded.
    /// </summary>
    public string Weights { get; init; } = "";

    /// <summary>The names of the data sources.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>What was prepared: for which decoder, which embeddings, and the image size.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The files, in order.</summary>
    public IReadOnlyList<string> Shards { get; init; } = [];

    /// <summary>The number of samples that have been prepared, in the order of the data.</summary>
    public long Samples { get; init; }

    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, DecoderDataset.IndexName));

    public static DecoderDatasetIndex Read(string folder)
    {
        string path = Path.Combine(folder, DecoderDataset.IndexName);
        try
        {
            return JsonSerializer.Deserialize<DecoderDatasetIndex>(TextFile.Read(path), Format)
                ?? throw new TrainingException($"{path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"Can't read the prepared data in {folder}: {e.Message}", e);
        }
    }

    public void Write(string folder)
    {
        string path = Path.Combine(folder, DecoderDataset.IndexName), temporary = path + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, Format));
        File.Move(temporary, path, overwrite: true);
    }
}
