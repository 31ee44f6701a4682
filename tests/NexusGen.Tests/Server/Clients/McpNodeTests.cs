using NexusGen.Cli;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// The official client for JavaScript of the Model Context Protocol (npm package <c>@modelcontextprotocol/sdk</c>) uses the tools
/// unchanged, over HTTP and over standard input and output: <c>dotnet test -c Release --filter McpNodeTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class McpNodeTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheClientForJavaScriptUsesTheTools()
    {
        await using TestServer server = await ClientServer.StartAsync(tiny.Model);
        using NodeFolder folder = await NodeFolder.InstallAsync("mcp");

        // The command of the page is the build of these tests.
        string program = Escaped(typeof(CommandLine).Assembly.Location), model = Escaped(ModelFinder.FindTiny());
        string pictures = Escaped(Path.GetDirectoryName(folder["page.mjs"])!);
        folder.AddSnippet(
            "page.mjs",
            "@modelcontextprotocol/sdk/client/index.js'",
            server,
            ("command: 'nexusgen', args: [", $"command: 'dotnet', args: ['{program}', "),
            ("'/home/me/Pictures'", $"'{pictures}', '--model', '{model}'"));
        await folder.TestAsync(server, "mcp.test.mjs");
    }

    private static string Escaped(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal);
}
