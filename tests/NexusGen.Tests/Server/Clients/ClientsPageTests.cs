using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NexusGen.Tests.Documentation;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Server.Clients;

/// <summary>What docs/clients.md shows is what the tests of the clients run, with the versions that it names.</summary>
public sealed class ClientsPageTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const string Page = "docs/clients.md";

    // The first package that each snippet in JavaScript imports, which the slow tests run.
    private static readonly string[] Packages =
    [
        "openai'",
        "@ai-sdk/openai'",
        "@ai-sdk/openai-compatible'",
        "@langchain/openai'",
        "@modelcontextprotocol/sdk/client/index.js'",
    ];

    private static readonly string Text = File.ReadAllText(Path.Combine(PackedLibraries.Repository, Page));

    [Theory]
    [InlineData("OpenAI.Images", "star.png", "112x112 png: red star on white")]
    [InlineData("Microsoft.SemanticKernel", "blue.png", "112x112 png: blue star on white")]
    public async Task TheProgramInCSharpWorks(string library, string file, string shows)
    {
        using var folder = new TemporaryFolder();
        string code = Assert.Single(
            DocumentedPage.Blocks(Page, "csharp"),
            block => block.Contains($"using {library};", StringComparison.Ordinal));
        await Snippet.RunAsync(Regex.Replace(code, "\"([a-z]+\\.png)\"", name => $"@\"{folder[name.Groups[1].Value]}\"")
            .Replace("http://localhost:8080", tiny.Server.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        Assert.Equal(shows, Look.At(File.ReadAllBytes(folder[file])));
    }

    [Fact]
    public void EverySnippetIsRun()
    {
        Assert.Equal(
            Packages.Select(NodeFolder.Snippet).Order(StringComparer.Ordinal),
            DocumentedPage.Blocks(Page, "js").Order(StringComparer.Ordinal));
        string tests = string.Concat(Directory.GetFiles(Path.Combine(NodeFolder.Source, ".."), "*.cs")
            .Where(file => !file.EndsWith("ClientsPageTests.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        Assert.All(Packages, package => Assert.Contains($"\"{package.TrimEnd('\'')}", tests));
        Assert.Equal(2, DocumentedPage.Blocks(Page, "csharp").Count());
        Assert.Empty(DocumentedPage.Blocks("docs/server.md", "js"));
    }

    [Fact]
    public void TheVersionsAreThoseOfTheTests()
    {
        foreach (string folder in Directory.GetDirectories(NodeFolder.Source))
        {
            JsonNode wanted = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package.json")))!["dependencies"]!;
            JsonNode locked = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package-lock.json")))!["packages"]!;
            foreach ((string name, JsonNode? version) in wanted.AsObject())
            {
                Assert.Equal((string?)locked[$"node_modules/{name}"]!["version"], (string?)version);
                if (name != "@redocly/cli")
                {
                    Assert.Contains($"| `{name}` | {version} |", Text);
                }
            }
        }

        XElement versions = XElement.Load(Path.Combine(PackedLibraries.Repository, "Directory.Packages.props"));
        foreach (string name in (string[])
            ["OpenAI", "Microsoft.SemanticKernel.Connectors.OpenAI", "ModelContextProtocol.AspNetCore"])
        {
            string version = (string)versions.Descendants("PackageVersion")
                .Single(package => (string?)package.Attribute("Include") == name).Attribute("Version")!;
            Assert.Contains($"| `{name.Replace(".AspNetCore", "", StringComparison.Ordinal)}` | {version} |", Text);
        }
    }

    // A lock file that names a registry would tie the tests to it.
    [Fact]
    public void NoLockFileNamesARegistry() => Assert.All(
        Directory.GetFiles(NodeFolder.Source, "package-lock.json", SearchOption.AllDirectories),
        file => Assert.DoesNotContain("\"resolved\"", File.ReadAllText(file)));
}
