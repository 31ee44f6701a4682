using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NexusGen.Tests.Server;

/// <summary>
/// The official client for JavaScript (npm package <c>openai</c>), unchanged, understands this server. It needs Node.js and npm, and
/// installs the package into a temporary folder: <c>dotnet test -c Release --filter OpenAINodeTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class OpenAINodeTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheClientForJavaScriptUnderstandsTheServer()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Here())!, "openai-node")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        await using TestServer server = await TestServer.StartAsync(tiny.Model, options => options.ApiKeys.Add("a-right-key"));
        await RunAsync(folder.Path, server, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
        string told = await RunAsync(folder.Path, server, "node", "--test", "--test-reporter=tap", "conformance.test.mjs");
        Assert.Contains("# pass 7", told);
        Assert.Contains("# fail 0", told);
    }

    private static async Task<string> RunAsync(string folder, TestServer server, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NEXUSGEN_URL"] = server.Address.GetLeftPart(UriPartial.Authority);
        start.Environment["NEXUSGEN_KEY"] = "a-right-key";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{await output}\n{await error}");
            return await output;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{program} is not on this machine: this test needs Node.js with npm.");
            throw;
        }
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
