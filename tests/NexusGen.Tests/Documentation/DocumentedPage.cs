using System.Text.RegularExpressions;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Documentation;

/// <summary>A page of the documentation, as its tests read it.</summary>
internal static class DocumentedPage
{
    /// <summary>What stands between the fences of a page.</summary>
    /// <param name="page">Its path in the repository.</param>
    /// <param name="language">What its first fence names, a regular expression.</param>
    public static IEnumerable<string> Blocks(string page, string language = "[a-z]*") =>
        Regex.Matches(File.ReadAllText(Path.Combine(PackedLibraries.Repository, page)).ReplaceLineEndings("\n"), $"```{language}\n(.*?)```", RegexOptions.Singleline)
            .Select(block => block.Groups[1].Value);
}
