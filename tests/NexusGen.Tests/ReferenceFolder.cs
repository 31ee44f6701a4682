namespace NexusGen.Tests;

/// <summary>The folder of reference cases that were made with the official Python code.</summary>
internal static class ReferenceFolder
{
    /// <summary>The path, which is found by searching upwards from the folder that the tests run in.</summary>
    public static string Path { get; } = Find();

    /// <summary>
    /// A copy of the small model, for tests that open it: an open model stores the embeddings of the empty prompt beside its
    /// weights, and the reference must not change.
    /// </summary>
    public static string TinyModel => Copied.Value;

    private static Lazy<string> Copied { get; } = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("nexusgen").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => TryDelete(folder);
        string original = System.IO.Path.Combine(Path, "models", "tiny"), copy = System.IO.Path.Combine(folder, "tiny");
        foreach (string file in Directory.GetFiles(original, "*", SearchOption.AllDirectories))
        {
            string target = System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(original, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    });

    // On some systems files that are still mapped can't be deleted; a temporary folder may stay.
    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "tests", "reference");
            if (File.Exists(System.IO.Path.Combine(candidate, "README.md")))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/reference was not found above " + AppContext.BaseDirectory);
    }
}
