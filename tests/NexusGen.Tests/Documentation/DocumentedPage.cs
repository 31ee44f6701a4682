using System.Text.RegularExpressions;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Documentation;

/// <summary>A page of the documentation.</summary>
internal static class DocumentedPage
{
    /// <summary>Returns the fenced code blocks of a page.</summary>
    /// <param name="page">The path of the page in the repository.</param>
    /// <param name="language">The language of the fence, as a regular expression.</param>
    public static IEnumerable<string> Blocks(string page, string language = "[a-z]*") =>
        Regex.Matches(
            File.ReadAllText(Path.Combine(PackedLibraries.Repository, page)).ReplaceLineEndings("\n"),
            $"```{language}\n(.*?)```",
            RegexOptions.Singleline)
            .Select(block => block.Groups[1].Value);
}
