using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using NexusGen.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NexusGen.Training.Configuration;

/// <summary>Creates records from YAML nodes. Every error names the source, the line and the key.</summary>
/// <param name="source">The name of the source in error messages.</param>
internal sealed class ConfigurationReader(string source)
{
    /// <summary>Creates a record with its defaults and sets the values of a node.</summary>
    public object Read(YamlMappingNode node, Type type)
    {
        object record = Activator.CreateInstance(type)!;
        HashSet<string> given = Fill(record, node, inherit: false);
        if (Properties(type).FirstOrDefault(p =>
            p.IsDefined(typeof(RequiredMemberAttribute)) && !given.Contains(KeyOf(p))) is { } missing)
        {
            throw Refuse(node, $"the key {KeyOf(missing)} is required");
        }

        return record;
    }

    /// <summary>Returns a copy of a record with the values of a node. All other values are kept, also within sections.</summary>
    public object Change(object record, YamlMappingNode node)
    {
        object copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        Fill(copy, node, inherit: true);
        return copy;
    }

    /// <summary>Returns the properties of a record that are keys, those of its base types first.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!));

    /// <summary>Returns the item type of a list type, or null if the type is not a list.</summary>
    public static Type? ItemType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private HashSet<string> Fill(object record, YamlMappingNode node, bool inherit)
    {
        Dictionary<string, PropertyInfo> known = Properties(record.GetType()).ToDictionary(KeyOf);
        HashSet<string> given = [];
        foreach ((YamlNode keyNode, YamlNode value) in node.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (!known.TryGetValue(key, out PropertyInfo? property))
            {
                string? near = known.Keys.OrderBy(name => Distance(name, key))
                    .FirstOrDefault(name => Distance(name, key) <= 1 + (key.Length / 4));
                throw Refuse(keyNode, $"unknown key {key}{(near is null ? "" : $"; did you mean {near}?")}");
            }

            given.Add(key);
            object? before = property.GetValue(record);
            bool section = inherit && before is not null && value is YamlMappingNode;
            property.SetValue(record, section ? Change(before!, (YamlMappingNode)value) : Convert(value, property, key));
        }

        return given;
    }

    private object? Convert(YamlNode node, PropertyInfo property, string key)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" })
        {
            bool nullable = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
            return nullable ? null : throw Refuse(node, $"{key} must be {Describe(type)}, not null");
        }

        return Convert(node, type, key);
    }

    private object Convert(YamlNode node, Type type, string key)
    {
        if (ItemType(type) is { } item)
        {
            YamlSequenceNode sequence = node as YamlSequenceNode ?? throw Wrong(node, type, key);
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
            foreach (YamlNode child in sequence)
            {
                list.Add(Convert(child, item, $"an item of {key}"));
            }

            return list;
        }

        if (IsRecord(type))
        {
            return node is YamlMappingNode mapping ? Read(mapping, type) : throw Wrong(node, type, key);
        }

        YamlScalarNode scalar = node as YamlScalarNode ?? throw Wrong(node, type, key);
        object? value = type == typeof(string) ? scalar.Value
            : scalar.Style == ScalarStyle.Plain ? Parse(scalar.Value ?? "", type)
            : null;
        return value ?? throw Wrong(node, type, key);
    }

    private static object? Parse(string text, Type type)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        if (type.IsEnum)
        {
            return Enum.GetValues(type).Cast<object>().FirstOrDefault(value => NameOf(value) == text);
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => text switch { "true" => true, "false" => false, _ => null },
            TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, plain, out int number) ? number : null,
            TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, plain, out long number) ? number : null,
            TypeCode.UInt64 => ulong.TryParse(text, NumberStyles.None, plain, out ulong number) ? number : null,
            TypeCode.Double =>
                double.TryParse(text, NumberStyles.Float, plain, out double number) && double.IsFinite(number) ? number : null,
            _ => throw new NotSupportedException($"A configuration can't have values of the type {type}."),
        };
    }

    private static string Describe(Type type)
    {
        if (ItemType(type) is not null)
        {
            return "a list";
        }

        if (type.IsEnum)
        {
            return string.Join(" or ", Enum.GetValues(type).Cast<object>().Select(NameOf));
        }

        return IsRecord(type) ? "a section of keys" : Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "true or false",
            TypeCode.Double => "a number",
            TypeCode.String => "a text",
            TypeCode.UInt64 => "an integer of at least 0",
            _ => "an integer",
        };
    }

    private static bool IsRecord(Type type) => type.IsClass && type != typeof(string);

    private static int Depth(Type type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;

    private static string KeyOf(PropertyInfo property) => ConfigurationFile.KeyOf(property.Name);

    // Names of element types are written as one word, as is usual: bfloat16, not b_float16.
    internal static string NameOf(object value) =>
        value is Precision ? value.ToString()!.ToLowerInvariant() : ConfigurationFile.KeyOf(value.ToString()!);

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }

    private ConfigurationException Wrong(YamlNode node, Type type, string key) =>
        Refuse(node, $"{key} must be {Describe(type)}{(node is YamlScalarNode scalar ? $", not \"{scalar.Value}\"" : "")}");

    private ConfigurationException Refuse(YamlNode node, string what) =>
        new(node.Start.Line > 0 ? $"{source}, line {node.Start.Line}: {what}." : $"{source}: {what}.");
}
