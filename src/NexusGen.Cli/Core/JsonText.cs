using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Cli.Core;

/// <summary>How <c>--json</c> writes: readable, Chinese as Chinese, what is not a number as null.</summary>
internal static class JsonText
{
    /// <summary>One line a value: for objects that follow each other.</summary>
    public static JsonSerializerOptions Format { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Indented.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Format) { WriteIndented = true };

    /// <summary>A number, or null where JSON has none for it.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
