using System.Text.Json;
using NexusGen.Lora;

namespace NexusGen.Training.Lora;

/// <summary>What a checkpoint says about its LoRA, so that files can be written from it without the model.</summary>
internal sealed record LoraDescription
{
    /// <summary>The entry of the file's header.</summary>
    public const string MetadataName = "nexusgen.lora";

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The stage that trained it.</summary>
    public required string Stage { get; init; }

    /// <summary>The name of the weights that it was trained on.</summary>
    public required string Base { get; init; }

    /// <summary>The form that the configuration asks for.</summary>
    public required LoraForm Form { get; init; }

    /// <summary>The rank, or null if modules have their own.</summary>
    public int? Rank { get; init; }

    /// <summary>α, or null if modules have their own.</summary>
    public double? Alpha { get; init; }

    /// <summary>Whether the scale is α divided by the root of the rank.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The dropout.</summary>
    public double Dropout { get; init; }

    /// <summary>The modules.</summary>
    public required IReadOnlyList<Module> Modules { get; init; }

    /// <summary>Reads the entry of a file's header.</summary>
    /// <param name="metadata">The header.</param>
    /// <returns>The description, or null if the file is not the checkpoint of a LoRA.</returns>
    public static LoraDescription? Of(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(MetadataName, out string? json) ? JsonSerializer.Deserialize<LoraDescription>(json, Options) : null;

    /// <summary>Returns the entry of a file's header.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>A module of the LoRA.</summary>
    /// <param name="Name">The beginning of the names of its tensors in the checkpoint.</param>
    /// <param name="Path">The path of the layer.</param>
    /// <param name="Start">The first row that changes.</param>
    /// <param name="Scale">The scale of the product.</param>
    /// <param name="In">The width of the layer's input.</param>
    /// <param name="Out">The width of the layer's output.</param>
    internal sealed record Module(string Name, string Path, long Start, double Scale, long In, long Out);
}
