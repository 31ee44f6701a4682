using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using NexusGen.Tests.Documentation;

namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// A temporary folder with clients from npm, installed as their lock file says, and their tests. It needs Node.js and npm.
/// </summary>
internal sealed class NodeFolder : IDisposable
{
    private const string Page = "docs/clients.md";

    private readonly TemporaryFolder _folder = new();

    private NodeFolder()
    {
    }

    /// <summary>Gets the variables that programs see in addition to those of the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Gets the folder of the repository that has the clients and their tests.</summary>
    public static string Source { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "node");

    /// <summary>Gets the path of a file in the folder.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Copies a folder of <c>node</c> and installs its packages.</summary>
    /// <param name="name">The name of the folder.</param>
    public static async Task<NodeFolder> InstallAsync(string name)
    {
        var folder = new NodeFolder();
        foreach (string file in Directory.GetFiles(Path.Combine(Source, name)).Concat(Directory.GetFiles(Source)))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        await folder.RunAsync("npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier");
        return folder;
    }

    /// <summary>Returns the JavaScript on the page about clients that imports a package.</summary>
    /// <param name="package">The package.</param>
    public static string Snippet(string package) =>
        Assert.Single(DocumentedPage.Blocks(Page, "js"), block => block.Contains($"from '{package}", StringComparison.Ordinal));

    /// <summary>
    /// Writes a snippet of the page about clients as a module. Its constants are exported, and what depends on the machine is
    /// replaced: the address, the key and what <paramref name="replacements"/> says.
    /// </summary>
    /// <param name="file">The name of the module.</param>
    /// <param name="package">A package that the snippet imports.</param>
    /// <param name="server">The server to use.</param>
    /// <param name="replacements">Other text that depends on the machine, and its replacement.</param>
    public void AddSnippet(string file, string package, TestServer server, params (string Old, string New)[] replacements)
    {
        string code = Snippet(package);
        foreach ((string old, string replacement) in replacements
            .Append(("http://localhost:8080", server.Address.GetLeftPart(UriPartial.Authority)))
            .Append(("'any'", $"'{ClientServer.Key}'")))
        {
            Assert.Contains(old, code);
            code = code.Replace(old, replacement, StringComparison.Ordinal);
        }

        File.WriteAllText(this[file], Regex.Replace(code, "^const ", "export const ", RegexOptions.Multiline));
    }

    /// <summary>Runs the tests of the folder, and fails if one of them fails or there is none.</summary>
    /// <param name="server">The server that they use.</param>
    /// <param name="test">The file with the tests.</param>
    public async Task TestAsync(TestServer server, string test)
    {
        Environment["NEXUSGEN_URL"] = server.Address.GetLeftPart(UriPartial.Authority);
        Environment["NEXUSGEN_KEY"] = ClientServer.Key;
        string said = await RunAsync("node", "--test", "--test-reporter=tap", test);
        Assert.Matches(@"(?m)^# pass [1-9]\d*$", said);
        Assert.Matches("(?m)^# fail 0$", said);
        Assert.Matches("(?m)^# skipped 0$", said);
    }

    /// <summary>Runs a program in the folder to its end, and fails if it fails.</summary>
    /// <returns>What it wrote to standard output and standard error.</returns>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments)
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            try
            {
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(10));
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            string said = $"{await output}\n{await error}";
            Assert.True(
                process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{said}");
            return said;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{program} is not on this machine: this test needs Node.js with npm.");
            throw;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Here([CallerFilePath] string path = "") => path;
}
