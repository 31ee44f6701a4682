using System.Text.Json;
using NexusGen.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace NexusGen.Training.Configuration;

/// <summary>
/// Reads and writes records as YAML. The properties of a record are the keys, in snake case. A key that is missing in the file
/// keeps its default; an unknown key is an error that names its line.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>Reads a configuration from a file.</summary>
    /// <typeparam name="T">A record with a parameterless constructor.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="changes">
    /// Values that override those of the file, each as <c>key=value</c> or <c>section.key=value</c>.
    /// </param>
    /// <exception cref="ConfigurationException">
    /// The file can't be read, or a key or value is invalid. The message names the line.
    /// </exception>
    public static T Read<T>(string path, params IEnumerable<string> changes)
        where T : class
    {
        try
        {
            return Parse<T>(TextFile.Read(path), path, changes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"Can't read the configuration {path}: {e.Message}", e);
        }
    }

    /// <summary>Reads a configuration from a string.</summary>
    /// <typeparam name="T">A record with a parameterless constructor.</typeparam>
    /// <param name="yaml">The YAML text; may be empty.</param>
    /// <param name="source">The name of the text in error messages.</param>
    /// <param name="changes">
    /// Values that override those of the text, each as <c>key=value</c> or <c>section.key=value</c>.
    /// </param>
    /// <exception cref="ConfigurationException">A key or value is invalid. The message names the line.</exception>
    public static T Parse<T>(string yaml, string source, params IEnumerable<string> changes)
        where T : class
    {
        YamlMappingNode root = Load(yaml, source);
        var reader = new ConfigurationReader(source);
        var configuration = (T)reader.Read(root, typeof(T));
        foreach (string change in changes)
        {
            configuration = (T)new ConfigurationReader($"the option {change}").Change(configuration, Node(change));
        }

        (configuration as TrainingConfiguration)?.Validate(source);
        return configuration;
    }

    /// <summary>
    /// Writes a record with all its values. Each key is preceded by its description as a comment, if the XML documentation file
    /// of the library is available.
    /// </summary>
    /// <param name="configuration">The record.</param>
    public static string Write(object configuration) => ConfigurationWriter.Write(configuration);

    /// <summary>Compares two written configurations and describes each key whose value differs, with both values.</summary>
    /// <param name="before">The old configuration.</param>
    /// <param name="after">The new configuration.</param>
    internal static IEnumerable<string> Differences(string before, string after)
    {
        Dictionary<string, string> old = Flatten(Load(before, "")), now = Flatten(Load(after, ""));
        return old.Keys.Union(now.Keys).Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Select(key => $"{key}: {old.GetValueOrDefault(key, "nothing")} → {now.GetValueOrDefault(key, "nothing")}");
    }

    /// <summary>Converts the name of a property to its key.</summary>
    internal static string KeyOf(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static YamlMappingNode Load(string yaml, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new ConfigurationException($"{source}, line {e.Start.Line}: invalid YAML: {e.Message.TrimEnd('.')}.", e);
        }

        return stream.Documents switch
        {
            [] => [],
            [{ RootNode: YamlMappingNode mapping }] => mapping,
            [{ RootNode: YamlScalarNode { Value: "" } }] => [],
            _ => throw new ConfigurationException($"{source}: a configuration must be one list of lines \"key: value\"."),
        };
    }

    private static YamlMappingNode Node(string change)
    {
        if (change.Split('=', 2) is not [{ Length: > 0 } key, string value])
        {
            throw new ConfigurationException($"The option {change} must have the form key=value.");
        }

        YamlNode node = Load($"value: {value}", $"the option {change}")["value"];
        return (YamlMappingNode)key.Split('.').Reverse().Aggregate(node, (inner, part) => new YamlMappingNode(part, inner));
    }

    private static Dictionary<string, string> Flatten(YamlNode node, string path = "")
    {
        if (node is not YamlMappingNode mapping)
        {
            return new() { [path] = node.ToString() };
        }

        return mapping.Children
            .SelectMany(pair => Flatten(pair.Value, path.Length == 0 ? $"{pair.Key}" : $"{path}.{pair.Key}"))
            .ToDictionary();
    }
}
