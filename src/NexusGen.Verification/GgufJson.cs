using System.Text.Json.Nodes;

namespace NexusGen.Verification;

/// <summary>Converts metadata of GGUF files to JSON, as the cases have it.</summary>
internal static class GgufJson
{
    // The cases have the length, the first and the last values of longer arrays.
    private const int Longest = 64, Ends = 3;

    /// <summary>Converts a value.</summary>
    /// <param name="value">A number, a boolean, a string, or an array of these.</param>
    public static JsonNode? Of(object value) => value switch
    {
        float number => double.IsFinite(number) ? JsonValue.Create((double)number) : JsonValue.Create(number.ToString("R")),
        double number => double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(number.ToString("R")),
        Array { Length: > Longest } array => new JsonObject
        {
            ["length"] = array.Length,
            ["first"] = List(array.Cast<object>().Take(Ends)),
            ["last"] = List(array.Cast<object>().TakeLast(Ends)),
        },
        Array array => List(array.Cast<object>()),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static JsonArray List(IEnumerable<object> values) => new([.. values.Select(Of)]);
}
