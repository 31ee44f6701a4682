using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Verification;

/// <summary>
/// Compares plain values: text, integers and booleans exactly, real numbers within the relative tolerance. Within an object or a
/// list, the tolerance of a number is relative to at least a thousandth of the largest number. A number that is missing in an
/// object counts as zero.
/// </summary>
internal static class ValueComparison
{
    // The number of characters of a value that a message shows.
    private const int Shown = 120;

    /// <summary>Compares two values, including all values in them.</summary>
    public static IEnumerable<Deviation> Compare(string what, JsonNode? actual, JsonNode? expected, Tolerance tolerance) =>
        Compare(what, actual, expected, tolerance, floor: 0);

    private static IEnumerable<Deviation> Compare(
        string what, JsonNode? actual, JsonNode? expected, Tolerance tolerance, double floor)
    {
        switch (expected)
        {
            case JsonObject table:
                double largest = LargestNumber(table.Select(pair => pair.Value));
                JsonObject given = actual as JsonObject ?? [];
                foreach (string name in table.Select(pair => pair.Key).Union(given.Select(pair => pair.Key)))
                {
                    JsonNode? wanted = table[name] ?? (table.ContainsKey(name) ? null : Zero(given[name]));
                    JsonNode? got = given[name] ?? (given.ContainsKey(name) ? null : Zero(wanted));
                    foreach (Deviation deviation in Compare($"{what}.{name}", got, wanted, tolerance, largest / 1000))
                    {
                        yield return deviation;
                    }
                }

                yield break;
            case JsonArray list when actual is JsonArray items && items.Count == list.Count:
                double most = LargestNumber(list);
                for (int i = 0; i < list.Count; i++)
                {
                    foreach (Deviation deviation in Compare($"{what}[{i}]", items[i], list[i], tolerance, most / 1000))
                    {
                        yield return deviation;
                    }
                }

                yield break;
            case JsonValue number when IsReal(number)
                && tolerance.Relative is { } relative
                && Number(actual) is { } value:
                double target = Number(number)!.Value;
                double difference = Math.Abs(value - target);
                double scale = Math.Max(Math.Abs(target), floor);
                yield return new Deviation(
                    what, difference == 0 ? 0 : difference / scale, difference <= relative * scale,
                    difference == 0 ? "" : Invariant($"{value:g9} instead of {target:g9}"));
                yield break;
            default:
                bool equal = Same(actual, expected);
                yield return new Deviation(
                    what, equal ? 0 : double.PositiveInfinity, equal, equal ? "" : Difference(actual, expected));
                yield break;
        }
    }

    private static bool Same(JsonNode? a, JsonNode? b) =>
        Number(a) is { } x && Number(b) is { } y ? x == y : JsonNode.DeepEquals(a, b);

    private static JsonNode? Zero(JsonNode? like) => Number(like) is null ? null : JsonValue.Create(0.0);

    private static double LargestNumber(IEnumerable<JsonNode?> nodes) =>
        nodes.Select(node => Math.Abs(Number(node) ?? 0)).DefaultIfEmpty(0).Max();

    private static double? Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
            ? double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)
            : null;

    // A number with a decimal point or an exponent was a floating-point number in the reference; other numbers are exact.
    private static bool IsReal(JsonValue value) =>
        value.GetValueKind() == JsonValueKind.Number && value.ToJsonString().AsSpan().IndexOfAny(".eE") >= 0;

    // For long values, shows the text around the first difference.
    private static string Difference(JsonNode? actual, JsonNode? expected)
    {
        string a = Show(actual), b = Show(expected);
        int same = a.AsSpan().CommonPrefixLength(b);
        string at = same > Shown / 2 ? $" at {same}" : "";
        return $"{Cut(a, same)} instead of {Cut(b, same)}{at}";
    }

    private static string Show(JsonNode? node) => node?.ToJsonString(CaseFiles.Readable).ReplaceLineEndings(" ") ?? "nothing";

    private static string Cut(string text, int place)
    {
        int start = text.Length > Shown ? Math.Clamp(place - (Shown / 2), 0, text.Length - Shown) : 0;
        int length = Math.Min(Shown, text.Length - start);
        return (start > 0 ? "…" : "") + text.Substring(start, length) + (start + length < text.Length ? "…" : "");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
