using System.Globalization;

namespace NexusGen.Weights.Files.Gguf;

/// <summary>Formats metadata values as text.</summary>
internal static class GgufText
{
    private const int Listed = 8;

    /// <summary>Formats a value. Of long arrays, the first elements and the number of all are shown.</summary>
    /// <param name="value">A number, a boolean, a string, or an array of these.</param>
    public static string Of(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        Array array => List(array),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string List(Array array)
    {
        string shown = string.Join(", ", array.Cast<object>().Take(Listed).Select(Of));
        return array.Length > Listed ? $"[{shown}, … {array.Length} values]" : $"[{shown}]";
    }
}
