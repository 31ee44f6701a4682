using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Cli.Core;

/// <summary>
/// The JSON format of <c>--json</c>: Chinese characters are not escaped, and numbers that are not finite are null.
/// </summary>
internal static class JsonText
{
    /// <summary>The compact format with one line per object, for objects that follow each other.</summary>
    public static JsonSerializerOptions Format { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The indented format.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Format) { WriteIndented = true };

    /// <summary>Converts a number to JSON, or returns null if JSON can't represent it.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
