using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Documentation;

/// <summary>The C# snippets of the documentation compile.</summary>
public sealed class SnippetTests
{
    public static TheoryData<string, int> Snippets
    {
        get
        {
            TheoryData<string, int> all = [];
            foreach (string page in new[] { "README.md" }.Concat(
                Directory.GetFiles(Path.Combine(PackedLibraries.Repository, "docs"), "*.md")
                    .Select(file => "docs/" + Path.GetFileName(file))))
            {
                for (int i = 0; i < Of(page).Length; i++)
                {
                    all.Add(page, i);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void ASnippetCompiles(string page, int number) => Assert.Empty(Snippet.Errors(Of(page)[number]));

    [Fact]
    public void ThereAreSnippetsAndAWrongOneDoesNotCompile()
    {
        Assert.True(Snippets.Count >= 7);
        Assert.NotEmpty(Snippet.Errors("using NexusGenModel model = NexusGenModel.Open(\"models\", colour: 3);"));
        Assert.NotEmpty(Snippet.Errors("var chat = model.BeginChat();"));
    }

    private static string[] Of(string page) => [.. DocumentedPage.Blocks(page, "csharp")];
}
