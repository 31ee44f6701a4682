using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NexusGen.Tests.Documentation;
using NexusGen.Tests.Server.Clients;

namespace NexusGen.Tests.Packaging;

/// <summary>
/// Follows docs/packages.md word by word with an empty package cache: its commands, its files and its programs.
/// <c>dotnet test -c Release --filter PackagesPageTests</c> fetches 0.4 GB of packages and needs 4 GB of disk space.
/// </summary>
[Trait("Category", "Slow")]
public sealed class PackagesPageTests : IDisposable
{
    private const string Page = "docs/packages.md";

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _commands =
        [.. DocumentedPage.Blocks(Page, "bash").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    [LinuxFact]
    public async Task ThePageWorksFromAnEmptyPackageCache()
    {
        string[] programs = [.. DocumentedPage.Blocks(Page, "csharp")];
        Assert.Equal(2, programs.Length);
        string config = Assert.Single(DocumentedPage.Blocks(Page, "xml"));
        int server = Array.FindIndex(_commands, line => line.StartsWith("dotnet new web ", StringComparison.Ordinal));

        // Up to the package reference, then the files, then the program.
        Follow(_commands[..4]);
        File.WriteAllText(_folder["stars/NuGet.config"], config);
        File.WriteAllText(_folder["stars/Program.cs"], programs[0]);
        Follow(_commands[4..(server - 1)], "stars");
        Follow([_commands[server - 1]], "stars");
        Assert.Equal("112x112 png: red star on white", Look.At(File.ReadAllBytes(_folder["stars/star.png"])));
        AssertSize(@"package cache[^|]*", "cache");
        AssertSize(@"output folder with one[^|]*", "stars/bin/Release/net10.0/linux-x64");
        Follow(["dotnet build -c Release"], "stars");
        Directory.Delete(_folder["stars/bin/Release/net10.0/linux-x64"], recursive: true);
        AssertSize(@"output folder without[^|]*", "stars/bin/Release/net10.0");

        Follow(_commands[server..^1]);
        File.WriteAllText(_folder["service/Program.cs"], programs[1]);
        await ServeAsync(_commands[^1]);
    }

    public void Dispose() => _folder.Dispose();

    private async Task ServeAsync(string command)
    {
        // Any free port, and without the settings of the build that runs these tests.
        string[] words = Words(command.Replace("localhost:8080", "127.0.0.1:0", StringComparison.Ordinal));
        (string, string?)[] without =
        [
            .. Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))
                .Select(name => (name, (string?)null))
        ];
        using RunningProgram serving = RunningProgram.Start(
            _folder["service"], words[0], words[1..], [.. without, ("NUGET_PACKAGES", _folder["cache"])]);
        string line = await serving.SaysAsync(line => line.Contains("Now listening on", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri(Regex.Match(line, @"http://\S+").Value) };
        Assert.Contains("Nexus-Gen Studio", await http.GetStringAsync("/"));
        using HttpResponseMessage drawn = await http.PostAsync(
            "/v1/images/generations",
            new StringContent("{\"prompt\":\"a red star\",\"response_format\":\"url\"}", null, "application/json"));
        string url = (string)JsonNode.Parse(await drawn.Content.ReadAsStringAsync())!["data"]![0]!["url"]!;
        Assert.Equal("112x112 png: red star on white", Look.At(await http.GetByteArrayAsync(url)));
    }

    // In place of the folder beside the repository, the packages and programs are in the temporary one. They are packed from the
    // build that these tests run in.
    private void Follow(string[] commands, string? folder = null)
    {
        string at = folder is null ? PackedLibraries.Repository : _folder[folder];
        foreach (string command in commands)
        {
            string[] words = Words(folder is null
                ? command.Replace("../", _folder.Path + "/", StringComparison.Ordinal)
                : command);
            if (words is ["cd", var to])
            {
                at = Path.GetFullPath(to, at);
                folder ??= "";
                continue;
            }

            string[] more = words is ["dotnet", "pack", ..] ? ["--no-build"] : [];
            PackedLibraries.Run(at, [("NUGET_PACKAGES", _folder["cache"])], words[0], [.. words[1..], .. more]);
        }
    }

    private void AssertSize(string row, string folder)
    {
        string page = File.ReadAllText(Path.Combine(PackedLibraries.Repository, Page));
        double said = double.Parse(
            Regex.Match(page, $@"\| {row}\| ([\d.]+) GB \|").Groups[1].Value, CultureInfo.InvariantCulture);
        double size = new DirectoryInfo(_folder[folder])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.Length);
        Assert.InRange(size / 1e9, said - 0.1, said + 0.1);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
