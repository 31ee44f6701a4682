namespace NexusGen.Tests;

/// <summary>The folder of reference cases that were made with the official Python code.</summary>
internal static class ReferenceFolder
{
    /// <summary>Its path: found by walking up from where the tests run.</summary>
    public static string Path { get; } = Find();

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
