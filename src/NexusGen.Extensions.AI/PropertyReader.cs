using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>Reads additional properties, which can be .NET values or JSON.</summary>
/// <param name="properties">The properties, or null for none.</param>
internal sealed class PropertyReader(AdditionalPropertiesDictionary? properties)
{
    /// <summary>Reads an integer, or returns null if the property is not set.</summary>
    public int? Whole(string name) => Read(name, "a whole number", value => Convert.ToInt32(value, CultureInfo.InvariantCulture));

    /// <summary>Reads a seed, or draws a random one for −1. Returns null if the property is not set.</summary>
    public ulong? Seed(string name) => Read(
        name,
        "a whole number of at least 0, or −1 for a random one",
        value => Convert.ToString(value, CultureInfo.InvariantCulture) == "-1"
            ? RandomSeed.Next()
            : Convert.ToUInt64(value, CultureInfo.InvariantCulture));

    /// <summary>Reads a number, or returns null if the property is not set.</summary>
    public double? Number(string name) => Read(name, "a number", value => Convert.ToDouble(value, CultureInfo.InvariantCulture));

    /// <summary>Reads a boolean, or returns null if the property is not set.</summary>
    public bool? Switch(string name) =>
        Read(name, "true or false", value => Convert.ToBoolean(value, CultureInfo.InvariantCulture));

    /// <summary>Reads a string, or returns null if the property is not set.</summary>
    public string? Text(string name) => Find(name) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    /// <summary>Reads the receiver of progress reports, or returns null if the property is not set.</summary>
    public IProgress<ProgressReport>? Progress() => Find(NexusGenProperties.Progress) as IProgress<ProgressReport>;

    private T? Read<T>(string name, string what, Func<object, T> convert)
        where T : struct
    {
        try
        {
            return Find(name) is { } value ? convert(value) : null;
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            throw new NexusGenException($"The property {name} must be {what}, not \"{Find(name)}\".", e);
        }
    }

    private object? Find(string name) =>
        properties is not null && properties.TryGetValue(name, out object? value) ? Plain(value) : null;

    private static object? Plain(object? value) => value is not JsonElement json
        ? value
        : json.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            JsonValueKind.String => json.GetString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => json.GetRawText(),
        };
}
