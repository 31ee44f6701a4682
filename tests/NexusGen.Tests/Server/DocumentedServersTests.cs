using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelContextProtocol.Client;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Cli.Serving;
using NexusGen.Tests.Documentation;
using NexusGen.Tests.Packaging;

namespace NexusGen.Tests.Server;

/// <summary>
/// The servers that the pages start are started here as documented, in an empty folder: they start, behave as the command line
/// says, and stop.
/// </summary>
public sealed class DocumentedServersTests
{
    private static readonly string[] Pages = ["README.md", "docs/server.md", "docs/studio.md", "docs/mcp.md", "docs/install.md"];

    public static TheoryData<string> Serve => [.. Lines().Where(line => line.StartsWith("serve", StringComparison.Ordinal))];

    public static TheoryData<string> Mcp => [.. Lines().Where(line => line.StartsWith("mcp", StringComparison.Ordinal))];

    public static TheoryData<string> Configurations =>
        [
            .. Pages.SelectMany(page => DocumentedPage.Blocks(page))
                .Where(block => block.Contains("\"mcpServers\"", StringComparison.Ordinal)).Distinct()
        ];

    [LinuxTheory]
    [MemberData(nameof(Serve))]
    public async Task AServerComesUpAndStops(string line)
    {
        // Only on Linux can a program be asked to terminate as the system does it.
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys.txt"], "a-key-of-this-test\n");
        Directory.CreateDirectory(folder["loras"]);
        using RunningProgram program = RunningProgram.Start(
            folder.Path, "dotnet", [typeof(CommandLine).Assembly.Location, .. Words(line, folder.Path), "--port", "0"],
            ("HOME", folder.Path), ("XDG_DATA_HOME", null), (KeyFile.Variable, null));
        Match said = Regex.Match(
            await program.SaysAsync(said => said.Contains("http://", StringComparison.Ordinal)),
            @"http://([0-9.]+):(\d+)");
        Assert.Equal(line.Contains("--host 0.0.0.0", StringComparison.Ordinal) ? "0.0.0.0" : "127.0.0.1", said.Groups[1].Value);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{said.Groups[2].Value}") };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(
            line.Contains("--no-studio", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK,
            await PageAsync(http));
        Assert.Equal(
            Files(line, folder.Path).Order(),
            Directory.GetFiles(folder.Path, "*.db", SearchOption.AllDirectories).Order());

        bool keys = line.Contains("--api-keys", StringComparison.Ordinal);
        Assert.Equal(keys ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer a-key-of-this-test");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1/models")).StatusCode);

        program.Terminate();
        Assert.Equal(ExitCode.Success, await program.EndAsync());
        Assert.Contains("Stopping", program.Said);
        Assert.DoesNotContain("dbug", program.Said);
    }

    [Theory]
    [MemberData(nameof(Mcp))]
    public Task ToolsComeUp(string line) => UseAsync(folder => Words(line, folder));

    [Theory]
    [MemberData(nameof(Configurations))]
    public Task AnEditorsConfigurationStartsTools(string json)
    {
        JsonNode server = JsonNode.Parse(json)!["mcpServers"]!["nexusgen"]!;
        Assert.Equal("nexusgen", (string?)server["command"]);
        return UseAsync(folder => [
            .. server["args"]!.Deserialize<string[]>()!.Select(word => word.Replace("/home/me", folder, StringComparison.Ordinal))
        ]);
    }

    [Fact]
    public void ThereAreServersToStart() => Assert.Equal((7, 3, 1), (Serve.Count, Mcp.Count, Configurations.Count));

    // The client starts and ends the program as an editor does.
    private static async Task UseAsync(Func<string, string[]> arguments)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["Pictures"]);
        Directory.CreateDirectory(folder["loras"]);
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = "dotnet",
            Arguments = [typeof(CommandLine).Assembly.Location, .. arguments(folder.Path)],
            WorkingDirectory = folder.Path,
        });
        await using McpClient client = await McpClient.CreateAsync(
            transport,
            new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan });
        Assert.Equal(4, (await client.ListToolsAsync()).Count);
    }

    private static async Task<HttpStatusCode> PageAsync(HttpClient http)
    {
        using HttpResponseMessage page = await http.GetAsync("/");
        Assert.True(!page.IsSuccessStatusCode
            || (await page.Content.ReadAsStringAsync()).Contains("Nexus-Gen Studio", StringComparison.Ordinal));
        return page.StatusCode;
    }

    // The files in which, according to the page, images and background work are stored.
    private static IEnumerable<string> Files(string line, string home)
    {
        string named = Regex.Match(line, @"--gallery (\S+)").Groups[1].Value;
        string gallery = named.Length > 0
            ? Path.Combine(home, named)
            : Path.Combine(home, ".local", "share", "nexus-gen", "gallery.db");
        string background = Path.Combine(Path.GetDirectoryName(gallery)!, "background.db");
        return named == "none" ? []
            : line.Contains("--no-studio", StringComparison.Ordinal) ? [background]
            : [gallery, background];
    }

    // Expands the words as a shell does.
    private static string[] Words(string line, string home) =>
        [.. line.Split(' ').Select(word => word.StartsWith("~/", StringComparison.Ordinal) ? home + word[1..] : word)];

    private static IEnumerable<string> Lines() => Pages
        .SelectMany(page => DocumentedPage.Blocks(page)).SelectMany(block => block.Split('\n'))
        .Select(line => Regex.Match(line, @"^(?:\S*/)?nexusgen ((?:serve|mcp)\b.*)$")).Where(match => match.Success)
        .Select(match => match.Groups[1].Value).Distinct();
}
