using System.ComponentModel;
using System.Diagnostics;

namespace NexusGen.Tests.Server;

/// <summary>
/// A linter for OpenAPI (npm package <c>@redocly/cli</c>) finds no error in the document. The test needs Node.js and npm, and
/// installs the package into a temporary folder: <c>dotnet test -c Release --filter OpenApiLintTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class OpenApiLintTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheLinterFindsNoError()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["openapi.json"], await tiny.Server.Http.GetStringAsync("/openapi/v1.json"));
        await RunAsync(folder.Path, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "@redocly/cli@2");
        string linter = Path.Combine("node_modules", "@redocly", "cli", "bin", "cli.js");
        string told = await RunAsync(folder.Path, "node", linter, "lint", "openapi.json", "--extends", "recommended");
        Assert.Contains("is valid", told);
    }

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            string told = $"{await output}\n{await error}";
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{told}");
            return told;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{program} is not on this machine: this test needs Node.js with npm.");
            throw;
        }
    }
}
