using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Documentation;

/// <summary>The C# snippets of the documentation compile.</summary>
public sealed class SnippetTests
{
    // The implicit usings of new console and web projects, and the namespaces that the pages mention in their text.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.Extensions.Caching.Distributed;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.AI;
        global using ModelContextProtocol.Client;
        global using NexusGen;
        global using NexusGen.Extensions.AI;
        global using NexusGen.Server;
        global using OpenAI;
        global using OpenAI.Images;
        global using System.ClientModel;
        """;

    // The variables that a snippet takes from the text around it.
    private static readonly (string Name, string Type)[] Given =
        [
            ("builder", "WebApplicationBuilder"),
            ("app", "WebApplication"),
            ("model", "NexusGenModel"),
            ("cache", "IDistributedCache"),
            ("client", "IChatClient")
        ];

    private static readonly MetadataReference[] References =
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Select(path => MetadataReference.CreateFromFile(path))
        ];

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
    public void ASnippetCompiles(string page, int number) => Assert.Empty(Errors(Of(page)[number]));

    [Fact]
    public void ThereAreSnippetsAndAWrongOneDoesNotCompile()
    {
        Assert.True(Snippets.Count >= 7);
        Assert.NotEmpty(Errors("using NexusGenModel model = NexusGenModel.Open(\"models\", colour: 3);"));
        Assert.NotEmpty(Errors("var chat = model.BeginChat();"));
    }

    private static string[] Of(string page) => [.. DocumentedPage.Blocks(page, "csharp")];

    private static string[] Errors(string snippet)
    {
        string given = string.Concat(Given
            .Where(one => Regex.IsMatch(snippet, $@"\b{one.Name}\b")
                && !Regex.IsMatch(snippet, $@"(\bvar|\b[A-Z]\w*\??) {one.Name} ="))
            .Select(one => $"{one.Type} {one.Name} = null!;\n"));
        string[] lines = snippet.Split('\n');
        string[] usings = [.. lines.Where(line => Regex.IsMatch(line, @"^using [\w.]+;$"))];
        string code = string.Join('\n', [.. usings, given, .. lines.Except(usings), "await Task.CompletedTask;"]);
        var compilation = CSharpCompilation.Create(
            "snippet", [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(code)], References,
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication,
                nullableContextOptions: NullableContextOptions.Enable,
                specificDiagnosticOptions: [new("MEAI001", ReportDiagnostic.Suppress)]));
        return
        [
            .. compilation.GetDiagnostics()
                .Where(found => found.Severity == DiagnosticSeverity.Error)
                .Select(found => found.ToString())
        ];
    }
}
