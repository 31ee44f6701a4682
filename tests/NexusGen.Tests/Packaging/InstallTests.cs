using System.Text.RegularExpressions;
using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Packaging;

/// <summary>The ways to install the command: what docs/install.md says is done here, word by word, in an empty folder.</summary>
public sealed class InstallTests
{
    private static readonly string[] Commands =
    [
        .. Regex.Matches(File.ReadAllText(Path.Combine(PackedLibraries.Repository, "docs", "install.md")).ReplaceLineEndings("\n"), "```bash\n(.*?)```", RegexOptions.Singleline)
            .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
    ];

    /// <summary>
    /// Publishes, unpacks, draws and serves, where no .NET is in sight: <c>dotnet test -c Release --filter ArchiveRuns</c>.
    /// </summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task AnArchiveRunsWhereNothingIsInstalled()
    {
        using var folder = new TemporaryFolder();
        Run(PackedLibraries.Repository, Command("dotnet publish"));
        string archive = Directory.GetFiles(Path.Combine(PackedLibraries.Repository, "artifacts", "archive"), "*-linux-x64.tar.gz").Single();
        PackedLibraries.Run(folder.Path, "tar", "-xf", archive);
        Assert.Equal($"artifacts/archive/{Path.GetFileName(archive)}", Command("tar ").Split(' ')[2]);
        (string, string?)[] bare = [("PATH", "/usr/bin:/bin"), ("DOTNET_ROOT", null), ("HOME", folder.Path), ("NUGET_PACKAGES", null)];
        string[] draw = Words(Command("nexusgen-"));
        using (RunningProgram drawing = RunningProgram.Start(folder.Path, Path.Combine(folder.Path, draw[0]), draw[1..], bare))
        {
            Assert.True(await drawing.EndAsync() == 0, drawing.Said);
        }

        Assert.Equal(112, ImageFile.Read(folder["star.png"]).Width);
        using RunningProgram serving = RunningProgram.Start(folder.Path, Path.Combine(folder.Path, draw[0]), ["serve", "--port", "0"], bare);
        string address = Regex.Match(await serving.SaysAsync(line => line.Contains("http://", StringComparison.Ordinal)), "http://\\S+").Value;
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        Assert.Contains("Nexus-Gen Studio", await http.GetStringAsync("/"));
        using HttpResponseMessage drawn = await http.PostAsync("/v1/images/generations", new StringContent("{\"prompt\":\"a red star\"}", null, "application/json"));
        Assert.Contains("iVBORw0KGgo", await drawn.Content.ReadAsStringAsync());
        Assert.True(File.Exists(folder[".local/share/nexus-gen/gallery.db"]));
    }

    /// <summary>Packs the tool, installs it and draws: <c>dotnet test -c Release --filter ToolInstalls</c>.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task AToolInstallsDrawsAndIsSmallEnoughForARegistry()
    {
        using var folder = new TemporaryFolder();
        string version = $"0.1.0-test{Environment.ProcessId}";
        Run(PackedLibraries.Repository, Command("dotnet pack").Replace("--output packages", $"--output {folder["packages"]} -p:Version={version}", StringComparison.Ordinal));
        FileInfo[] packages = new DirectoryInfo(folder["packages"]).GetFiles("*.nupkg");
        Assert.Equal(4, packages.Length);
        Assert.All(packages, package => Assert.InRange(package.Length, 1, 250_000_000));
        Run(folder.Path, Command("dotnet tool install") + $" --version {version}");
        string[] draw = Words(Command("tools/nexusgen"));
        using RunningProgram drawing = RunningProgram.Start(folder.Path, Path.Combine(folder.Path, draw[0]), draw[1..]);
        Assert.True(await drawing.EndAsync() == 0, drawing.Said);
        Assert.Equal(112, ImageFile.Read(folder["star.png"]).Width);
    }

    [Fact]
    public void TheModelBesideTheProgramIsFoundFromAnywhere()
    {
        using var folder = new TemporaryFolder();
        string model = folder[$"program/models/{ModelFinder.TinyModel}"];
        Directory.CreateDirectory(Path.Combine(model, "Nexus-GenV2"));
        Directory.CreateDirectory(folder["elsewhere"]);
        Assert.Throws<NexusGenException>(() => ModelFinder.Find(folder["elsewhere"], folder["program"]));
        File.WriteAllText(Path.Combine(model, "Nexus-GenV2", "config.json"), "{}");
        File.WriteAllText(Path.Combine(model, "Nexus-GenV2", "edit_decoder.safetensors"), "");
        Assert.Equal(model, ModelFinder.Find(folder["elsewhere"], folder["program"]));
    }

    [Fact]
    public void TheContainerIsMadeOfWhatThePageSays()
    {
        string file = File.ReadAllText(Path.Combine(PackedLibraries.Repository, "Containerfile"));
        Assert.All(Commands.Where(line => line.StartsWith("docker ", StringComparison.Ordinal)), line => Assert.Contains(line, file));
        Assert.Contains(Command("dotnet publish"), file);
        string pattern = Regex.Match(file, @"ADD (\S+)").Groups[1].Value;
        Assert.Contains("!" + pattern, File.ReadAllText(Path.Combine(PackedLibraries.Repository, ".dockerignore")));
        Assert.Matches(Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal), Command("tar ").Split(' ')[2]);
        string[] serve = [.. Regex.Matches(Regex.Match(file, @"^CMD \[(.*)\]", RegexOptions.Multiline).Groups[1].Value, "\"([^\"]+)\"").Select(match => match.Groups[1].Value)];
        Assert.Empty(new CommandLine(Terminal.OfProcess()).Build().Parse(serve).Errors);
        Assert.Contains("USER nexusgen", file);
    }

    private static string Command(string start) => Commands.First(line => line.StartsWith(start, StringComparison.Ordinal));

    private static string[] Words(string line) => [.. Regex.Matches(line, "\"([^\"]*)\"|\\S+").Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value)];

    private static void Run(string folder, string line)
    {
        string[] words = Words(line);
        PackedLibraries.Run(folder, words[0], words[1..]);
    }
}
