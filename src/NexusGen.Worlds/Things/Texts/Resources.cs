using System.Reflection;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>The data files of this folder, which are embedded in the library.</summary>
internal static class Resources
{
    private const string Prefix = "NexusGen.Worlds.Things.Texts.";

    /// <summary>The texts of all files below a folder, in the order of their names.</summary>
    /// <param name="folder">The folder with dots, for instance <c>Wordings.en.</c></param>
    /// <returns>The texts.</returns>
    public static IEnumerable<string> Texts(string folder) =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix + folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => Text(name[Prefix.Length..]));

    /// <summary>The text of a file.</summary>
    /// <param name="file">The name with dots, for instance <c>Lexicon.en.json</c></param>
    /// <returns>The text.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string Text(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + file)
            ?? throw new FileNotFoundException($"The library has no file {file}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
