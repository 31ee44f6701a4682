using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NexusGen.Tests.Documentation;

/// <summary>Compiles and runs C# of the documentation.</summary>
internal static class Snippet
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

    /// <summary>Returns the errors of a snippet.</summary>
    public static string[] Errors(string snippet) =>
    [
        .. Compile(snippet).GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error)
            .Select(found => found.ToString())
    ];

    /// <summary>Runs a snippet as a program in this process.</summary>
    public static async Task RunAsync(string snippet)
    {
        using var assembly = new MemoryStream();
        Assert.Empty(Errors(snippet));
        Assert.True(Compile(snippet).Emit(assembly).Success);
        MethodInfo entry = Assembly.Load(assembly.ToArray()).EntryPoint!;
        await Task.Run(() => entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Array.Empty<string>()], null));
    }

    private static CSharpCompilation Compile(string snippet)
    {
        string given = string.Concat(Given
            .Where(one => Regex.IsMatch(snippet, $@"\b{one.Name}\b")
                && !Regex.IsMatch(snippet, $@"(\bvar|\b[A-Z]\w*\??) {one.Name} ="))
            .Select(one => $"{one.Type} {one.Name} = null!;\n"));
        string[] lines = snippet.Split('\n');
        string[] usings = [.. lines.Where(line => Regex.IsMatch(line, @"^using [\w.]+;$"))];
        string code = string.Join(
            '\n',
            [.. usings, given, .. lines.Where(line => !usings.Contains(line)), "await Task.CompletedTask;"]);
        return CSharpCompilation.Create(
            "snippet", [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(code)], References,
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication,
                nullableContextOptions: NullableContextOptions.Enable,
                specificDiagnosticOptions: [new("MEAI001", ReportDiagnostic.Suppress)]));
    }
}
