namespace NexusGen.Tests;

/// <summary>A folder for one test, deleted with everything in it when the test disposes it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nexusgen-test-").FullName;

    /// <summary>The names of all files and folders directly in it.</summary>
    public string[] Names =>
        [.. Directory.GetFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>The files in it and below, by their paths relative to it.</summary>
    public IEnumerable<string> Files => Directory.GetFiles(Path, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
