using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace NexusGen.Training.Configuration;

/// <summary>Writes records as YAML, one key per line. The summaries of the XML documentation file become comments.</summary>
internal static partial class ConfigurationWriter
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a record.</summary>
    public static string Write(object record)
    {
        var text = new StringBuilder();
        WriteRecord(text, record, indent: "", Summaries(record.GetType()));
        return text.ToString();
    }

    private static void WriteRecord(
        StringBuilder text, object record, string indent, IReadOnlyDictionary<string, string> summaries)
    {
        foreach (PropertyInfo property in ConfigurationReader.Properties(record.GetType()))
        {
            if (summaries.TryGetValue($"P:{property.DeclaringType!.FullName}.{property.Name}", out string? summary))
            {
                text.Append(indent).Append("# ").AppendLine(summary);
            }

            text.Append(indent).Append(ConfigurationFile.KeyOf(property.Name)).Append(':');
            WriteValue(text, property.GetValue(record), indent, summaries);
        }
    }

    private static void WriteValue(
        StringBuilder text, object? value, string indent, IReadOnlyDictionary<string, string> summaries)
    {
        switch (value)
        {
            case null or string or ValueType:
                text.Append(' ').AppendLine(Scalar(value));
                break;
            case IEnumerable items when items.Cast<object>().All(item => item is string or ValueType):
                text.Append(" [").AppendJoin(", ", items.Cast<object>().Select(Scalar)).AppendLine("]");
                break;
            case IEnumerable items:
                text.AppendLine();
                foreach (object item in items)
                {
                    var inner = new StringBuilder();
                    WriteRecord(inner, item, $"{indent}    ", new Dictionary<string, string>());
                    text.Append(indent).Append("  - ").Append(inner.ToString().AsSpan(indent.Length + 4));
                }

                break;
            default:
                text.AppendLine();
                WriteRecord(text, value, $"{indent}  ", summaries);
                break;
        }
    }

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant(),
        Enum name => ConfigurationReader.NameOf(name),
        string words => PlainText().IsMatch(words) && words is not ("true" or "false" or "null")
            ? words
            : JsonSerializer.Serialize(words, Quoted),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static Dictionary<string, string> Summaries(Type type)
    {
        Dictionary<string, string> summaries = [];
        foreach (Assembly assembly in Bases(type).Select(each => each.Assembly).Distinct())
        {
            string file = Path.ChangeExtension(assembly.Location, ".xml");
            if (!File.Exists(file))
            {
                continue;
            }

            foreach (XElement member in XDocument.Load(file).Descendants("member"))
            {
                string name = member.Attribute("name")?.Value ?? "";
                if (name.StartsWith("P:", StringComparison.Ordinal) && member.Element("summary") is { } summary)
                {
                    foreach (XElement reference in summary.Descendants("see").Where(each => each.IsEmpty).ToArray())
                    {
                        reference.ReplaceWith(NameOf((reference.Attribute("cref") ?? reference.Attribute("langword"))?.Value));
                    }

                    summaries[name] = Blanks().Replace(summary.Value, " ").Trim();
                }
            }
        }

        return summaries;
    }

    // A reference such as P:NexusGen.Training.Configuration.TrainingConfiguration.Steps as it is called in the file.
    private static string NameOf(string? reference)
    {
        string name = reference?.Split('(')[0].Split('.')[^1] ?? "";
        return reference?.StartsWith("P:", StringComparison.Ordinal) == true ? ConfigurationFile.KeyOf(name) : name;
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        for (Type? each = type; each is not null && each != typeof(object); each = each.BaseType)
        {
            yield return each;
        }
    }

    [GeneratedRegex(@"^[A-Za-z_./][A-Za-z0-9_./-]*$")]
    private static partial Regex PlainText();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
